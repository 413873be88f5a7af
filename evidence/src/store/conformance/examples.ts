import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayRequest } from '../../model/request.ts';
import type { RequestFilter } from '../query.ts';
import { everything, requestsOf } from './answers.ts';
import { FIRST_DAY } from './arbitraryRequest.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';

const attempt = (given: Partial<GatewayRequest['attempts'][number]>, index = 0) =>
  ({
    index,
    kind: 'initial',
    outcome: 'success',
    startTime: FIRST_DAY,
    endTime: FIRST_DAY + 1,
    durationMs: 1,
    dispatched: true,
    ...given,
  }) as const;

const hit = (name: string) => ({ name, hook: 'input', action: 'blocked', mode: 'enforced' }) as const;

const REQUESTS: Readonly<Record<string, Partial<GatewayRequest>>> = {
  bare: {},
  model: { requestedModel: 'GPT-4o', status: 200, stream: true, durationMs: 250.5, startTime: FIRST_DAY + 0.25 },
  percent: { requestedModel: '100% a_b', status: 404, stream: false },
  empty: { requestedModel: '', status: 0 },
  lines: { requestedModel: 'one\ntwo', status: 1000, startTime: FIRST_DAY + 5 },
  cyrillic: { requestedModel: 'Модель Σ', costUsd: 0.0125 },
  tried: { attempts: [attempt({ model: 'a', status: 502 }), attempt({ model: 'b', status: 200 }, 1)] },
  once: { attempts: [attempt({ model: 'a', status: 502 })] },
  nameless: { attempts: [attempt({}), attempt({ status: 503 }, 1)] },
  guarded: { guardrail: { blocked: true, hits: [hit('words'), hit('pii')] } },
  passed: { guardrail: { blocked: false } },
};
const ALL = Object.keys(REQUESTS);
const all = (...but: readonly string[]) => ALL.filter((id) => !but.includes(id));

type Case = readonly [RequestFilter['field'], RequestFilter['op'], RequestFilter['value'], readonly string[]];

/** What each condition means, worked out by hand: the oracle is held to it like any driver. */
const CASES: readonly Case[] = [
  ['requestedModel', 'eq', 'GPT-4o', ['model']],
  ['requestedModel', 'eq', 'gpt-4o', []],
  ['requestedModel', 'eq', '', ['empty']],
  ['requestedModel', 'neq', 'GPT-4o', all('model')],
  ['requestedModel', 'in', ['GPT-4o', '', 'nowhere'], ['model', 'empty']],
  ['requestedModel', 'in', [], []],
  ['requestedModel', 'nin', ['GPT-4o', ''], all('model', 'empty')],
  ['requestedModel', 'nin', [], ALL],
  ['requestedModel', 'contains', 'gpt', ['model']],
  ['requestedModel', 'contains', '%', ['percent']],
  ['requestedModel', 'contains', '_', ['percent']],
  ['requestedModel', 'contains', 'МОДЕЛЬ', ['cyrillic']],
  ['requestedModel', 'contains', 'ь σ', ['cyrillic']],
  ['requestedModel', 'contains', '', ['model', 'percent', 'empty', 'lines', 'cyrillic']],
  ['requestedModel', 'regex', 'gpt', []],
  ['requestedModel', 'regex', '(?i)GPT-\\d', ['model']],
  ['requestedModel', 'regex', 'one.two', ['lines']],
  ['requestedModel', 'regex', 'e$', []],
  ['requestedModel', 'regex', '(?m)e$', ['lines']],
  ['requestedModel', 'regex', '^two', []],
  ['requestedModel', 'regex', '^$', ['empty']],
  ['requestedModel', 'regex', '\\p{Cyrillic}', ['cyrillic']],
  ['requestedModel', 'gt', 'GPT-4o', ['lines', 'cyrillic']],
  ['requestedModel', 'lte', 'GPT-4o', ['model', 'percent', 'empty']],
  ['requestedModel', 'exists', true, ['model', 'percent', 'empty', 'lines', 'cyrillic']],
  ['requestedModel', 'exists', false, all('model', 'percent', 'empty', 'lines', 'cyrillic')],
  ['status', 'eq', 200, ['model']],
  ['status', 'neq', 200, all('model')],
  ['status', 'gte', 404, ['percent', 'lines']],
  ['status', 'lt', 404, ['model', 'empty']],
  ['status', 'regex', '^[24]0.$', ['model', 'percent']],
  ['status', 'contains', '00', ['model', 'lines']],
  ['status', 'regex', '^0$', ['empty']],
  ['durationMs', 'eq', 250.5, ['model']],
  ['durationMs', 'contains', '.5', ['model']],
  ['durationMs', 'gt', 100, ['model']],
  ['costUsd', 'eq', 0.0125, ['cyrillic']],
  ['stream', 'eq', true, ['model']],
  ['stream', 'neq', true, all('model')],
  ['stream', 'in', [true, false], ['model', 'percent']],
  ['stream', 'exists', false, all('model', 'percent')],
  ['startTime', 'eq', FIRST_DAY + 0.25, ['model']],
  ['startTime', 'eq', FIRST_DAY + 0.2501, ['model']],
  ['startTime', 'gt', FIRST_DAY, ['model', 'lines']],
  ['startTime', 'gte', FIRST_DAY + 5, ['lines']],
  ['startTime', 'lt', FIRST_DAY + 5, all('lines')],
  ['startTime', 'neq', FIRST_DAY + 0.25, all('model')],
  ['startTime', 'in', [FIRST_DAY + 0.25, FIRST_DAY + 5], ['model', 'lines']],
  ['startTime', 'nin', [FIRST_DAY + 0.25, FIRST_DAY + 5], all('model', 'lines')],
  ['startTime', 'exists', true, ALL],
  ['endTime', 'exists', false, []],
  ['endTime', 'lte', FIRST_DAY + 100, ALL],
  ['status', 'in', [200, 1000], ['model', 'lines']],
  ['status', 'nin', [200, 1000], all('model', 'lines')],
  ['stream', 'nin', [true], all('model')],
  ['attempt.model', 'gt', 'a', ['tried']],
  ['attempt.model', 'contains', 'A', ['tried', 'once']],
  ['attempt.status', 'nin', [502, 503], all('tried', 'once', 'nameless')],
  ['attempt.status', 'neq', 200, all('tried')],
  ['guardrail.name', 'contains', 'WORD', ['guarded']],
  ['guardrail.name', 'exists', false, all('guarded')],
  ['attemptCount', 'eq', 0, all('tried', 'once', 'nameless')],
  ['attemptCount', 'gte', 2, ['tried', 'nameless']],
  ['attempt.model', 'eq', 'a', ['tried', 'once']],
  ['attempt.model', 'neq', 'b', all('tried')],
  ['attempt.model', 'nin', ['a', 'b'], all('tried', 'once')],
  ['attempt.model', 'exists', true, ['tried', 'once']],
  ['attempt.model', 'exists', false, all('tried', 'once')],
  ['attempt.status', 'gte', 500, ['tried', 'once', 'nameless']],
  ['attempt.status', 'lt', 500, ['tried']],
  ['attempt.status', 'regex', '^5', ['tried', 'once', 'nameless']],
  ['guardrail.name', 'eq', 'pii', ['guarded']],
  ['guardrail.name', 'neq', 'pii', all('guarded')],
  ['guardrail.blocked', 'eq', false, ['passed']],
  ['guardrail.blocked', 'neq', false, all('passed')],
];

/** The meaning of every operator. */
export function describeExamples(conformance: Conformance): void {
  describe('operators, by examples', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await Rig.open(conformance);
      await rig.apply(ALL.map((requestId) => exampleRequest({ ...REQUESTS[requestId], requestId })));
    });
    afterAll(() => rig?.close());

    it.each(CASES)('%s %s %j', async (field, op, value, expected) => {
      const query = { ...everything('prod'), filters: [{ field, op, value }] };
      for (const store of rig.both) {
        const found = requestsOf(await store.search(query)).map(({ requestId }) => requestId);
        expect(found.toSorted()).toEqual(expected.toSorted());
      }
    });

    it('all conditions must hold', async () => {
      const filters: RequestFilter[] = [
        { field: 'attempt.model', op: 'eq', value: 'a' },
        { field: 'attempt.status', op: 'eq', value: 200 },
      ];
      const found = requestsOf(await rig.store.search({ ...everything('prod'), filters }));
      expect(found.map(({ requestId }) => requestId)).toEqual(['tried']);
    });
  });
}
