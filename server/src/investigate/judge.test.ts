import { createWindow, packWindow } from '@aisix-observability/evidence';
import { exampleChange, exampleRequest } from '@aisix-observability/evidence/testing';
import { silentLog } from '@aisix-observability/pipeline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createJudge } from './judge.ts';
import type { Known } from './messages.ts';
import { rehearse } from './rehearse.ts';

const T = Date.parse('2026-11-23T06:00:00Z');

const known = (): Known => ({
  window: packWindow(createWindow({ environment: 'prod', from: T - 3_600_000, to: T + 600_000 }).build()),
  changes: [
    exampleChange({
      id: 'c-1',
      occurredAt: T,
      observedAt: T,
      effective: [{ dataPlane: 'dp-1', at: T }],
      resource: { kind: 'model', id: 'm-1', name: exampleRequest().requestedModel ?? 'gpt' },
      paths: [{ path: '/timeout', before: 1, after: 2, secret: false }],
    }),
  ],
  versions: [],
  silent: [],
});

describe('the judge', () => {
  it('answers from a thread of its own, and says what is not known', async () => {
    const judge = createJudge(silentLog);
    onTestFinished(() => judge.close());
    const [impact, ...others] = await judge.weigh(known(), ['c-1', 'unknown'], T + 600_000);
    expect(others).toEqual([]);
    expect(impact).toMatchObject({ changeId: 'c-1', verdict: 'undecided', sentence: expect.any(String) });
    expect(await judge.rank(known(), {}, T + 600_000)).toEqual([]);
  });

  it('leaves out what nobody waits for, and goes on', async () => {
    const judge = createJudge(silentLog);
    onTestFinished(() => judge.close());
    await judge.rank(known(), {}, T);
    const gone = new AbortController();
    const waiting = [1, 2, 3].map(() => judge.rank(known(), {}, T, gone.signal));
    gone.abort(new Error('gone'));
    for (const one of waiting) await expect(one).rejects.toThrow('gone');
    expect(await judge.rank(known(), {}, T)).toEqual([]);
  });

  it('rehearses ahead of the first question, and is closed meanwhile', async () => {
    rehearse();
    const judge = createJudge(silentLog, 0);
    onTestFinished(() => judge.close());
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await judge.rank(known(), {}, T)).toEqual([]);
    const left = createJudge(silentLog, 0);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await left.close();
  });

  it('ends, also when it was never asked', async () => {
    const judge = createJudge(silentLog);
    await judge.close();
    const asked = createJudge(silentLog);
    await asked.rank(known(), {}, T);
    await asked.close();
    await expect(asked.rank(known(), {}, T, AbortSignal.abort(new Error('late')))).rejects.toThrow();
    await asked.close();
  });
});
