import {
  type ConfigChange,
  createWindow,
  fromRequest,
  type HumanVerdictValue,
  packWindow,
} from '@aisix-observability/evidence';
import { exampleChange, exampleRequest } from '@aisix-observability/evidence/testing';
import { expect, it } from 'vitest';
import { rankIncidents } from './rankIncidents.ts';
import type { WeighDeps } from './weighChanges.ts';
import { weighOne } from './weighChanges.ts';

const T = Date.parse('2026-11-23T06:00:00Z');
const MINUTE = 60_000;
const place = { scope: { environments: ['prod'], visibility: {} }, environment: 'prod', organizationWide: false };

/** One request a minute, one silent feed, and a ledger that has more changes than are read or not. */
function depsOf(nextCursor?: string): WeighDeps {
  return {
    store: {
      async window({ environment, from, to }) {
        const window = createWindow({ environment, from, to });
        for (let at = from; at < to; at += MINUTE) window.add(fromRequest(exampleRequest({ startTime: at })));
        return { window: packWindow(window.build()), oneIn: 1 };
      },
    },
    changes: {
      search: async () => ({ changes: [], ...(nextCursor !== undefined && { nextCursor }) }),
      configVersions: async () => [],
      gaps: async () => [
        { feed: { type: 'poll', name: 'cloud' }, environment: 'prod', from: T - 90 * MINUTE, reason: 'unreachable' },
      ],
    },
    judge: {
      rank: async () => [],
      weigh: async (_, [changeId = '']) => [
        {
          changeId,
          verdict: 'undecided',
          reason: 'not_sure_enough',
          sentence: 'so far',
          settled: false,
          indicators: [],
          silent: [],
        },
      ],
      close: async () => {},
    },
  };
}

it('an answer tells what it rests on: requests of the range, silent feeds of changes, and changes that are left out', async () => {
  const question = { ...place, from: T, to: T + 10 * MINUTE };
  const now = T + 60 * MINUTE;
  expect(await rankIncidents(question, now, depsOf('more'))).toEqual({
    incidents: [],
    changes: [],
    oneIn: 1,
    requests: 10,
    silent: [{ feed: 'cloud', of: 'changes', from: T - 20 * MINUTE, to: T + 10 * MINUTE }],
    changesCut: true,
  });
  expect(await rankIncidents(question, now, depsOf())).not.toHaveProperty('changesCut');
  const change = { id: 'c', occurredAt: T, effective: [] } as unknown as ConfigChange;
  expect(await weighOne(change, { ...place, now }, depsOf('more'))).toMatchObject({ changesCut: true });
  expect(await weighOne(change, { ...place, now }, depsOf())).not.toHaveProperty('changesCut');
});

it('the judge hears whom the timed looks suspect and no person has cleared', async () => {
  const changeOf = (id: string, value: string, human?: HumanVerdictValue) =>
    exampleChange({
      id,
      occurredAt: T,
      verdict: {
        computed: { value, reason: 'worse_than_expected', look: '+1m', at: T },
        ...(human !== undefined && { human: { value: human, by: 'kim', at: T } }),
      },
    });
  const changes = [changeOf('a', 'suspect'), changeOf('b', 'cleared'), changeOf('c', 'suspect', 'cleared')];
  const deps = depsOf();
  const heard: unknown[] = [];
  await rankIncidents({ ...place, from: T, to: T + MINUTE }, T + 60 * MINUTE, {
    ...deps,
    changes: { ...deps.changes, search: async () => ({ changes }) },
    judge: {
      ...deps.judge,
      rank: async (_, query) => {
        heard.push(query);
        return [];
      },
    },
  });
  expect(heard).toEqual([{ suspects: ['a'] }]);
});
