import { describe, expect, it } from 'vitest';
import { API_LIMITS } from '../limits.ts';
import { incidentBody } from './investigation.ts';

const range = { from: 0, to: 1 };

describe('what is asked of an incident', () => {
  it('is refused by the name of the field', () => {
    const refusedOf = (body: object) =>
      incidentBody.safeParse(body).error?.issues.map(({ path, code }) => [path.join('.'), code]);
    expect(refusedOf(range)).toBeUndefined();
    expect(refusedOf({ ...range, start: 'noon', models: 'one', statuses: [1_000] })).toEqual([
      ['start', 'invalid_type'],
      ['models', 'invalid_type'],
      ['statuses.0', 'too_big'],
    ]);
    expect(refusedOf({ ...range, outcome: ['success'] })).toEqual([['', 'unrecognized_keys']]);
  });

  it.each([
    ['models', 'x'],
    ['apiKeyIds', 'x'],
    ['outcomes', 'success'],
    ['errorClasses', 'x'],
    ['statuses', 500],
  ])('holds so many %s and no more, since each is compared with every request', (field, value) => {
    const most = API_LIMITS.filterValues.value;
    const of = (count: number) => incidentBody.safeParse({ ...range, [field]: Array(count).fill(value) }).success;
    expect([of(most), of(most + 1)]).toEqual([true, false]);
  });
});
