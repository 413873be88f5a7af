import { expect, test } from 'vitest';
import type { GapObservation } from '../model/observation.ts';
import { openLedger } from './ledger.ts';
import type { ChangeFilter, ChangeQuery } from './search.ts';
import { audited, seen, T } from './testing/observations.ts';
import { signedEvents } from './testing/story.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

const everything: ChangeQuery = { environments: ['prod'], from: T - 1e9, to: T + 1e9, limit: 100, order: 'oldest' };

async function filled() {
  const ledger = openLedger(temporaryPath());
  await ledger.observe([
    audited(0, { resource: { kind: 'model', id: 'm-1', name: 'GPT-one' }, revision: 4 }),
    audited(10, {
      resource: { kind: 'api_key', id: 'k-1' },
      action: 'rotate',
      actor: { type: 'user', name: "o'brien%" },
    }),
    seen(19, 20, { resource: { kind: 'guardrail', id: 'g-1' }, foundLate: true }),
    audited(30, { environment: 'other' }),
    audited(40, { environment: null, resource: { kind: 'member', id: 'u-1' }, action: 'invite' }),
  ]);
  return ledger;
}

test('environments are a wall, the whole organization is asked for by word', async () => {
  const ledger = await filled();
  const kinds = (query: Partial<ChangeQuery>) =>
    ledger.searchChanges({ ...everything, ...query }).changes.map(({ resource }) => resource.kind);
  expect(kinds({})).toEqual(['model', 'api_key', 'guardrail']);
  expect(kinds({ environments: [] })).toEqual([]);
  expect(kinds({ environments: ['other'] })).toEqual(['model']);
  expect(kinds({ organizationWide: true })).toEqual(['model', 'api_key', 'guardrail', 'member']);
  expect(kinds({ order: 'newest' })).toEqual(['guardrail', 'api_key', 'model']);
  expect(kinds({ from: T, to: T + 10_000 })).toEqual(['model']);
  await ledger.close();
});

test.each<[ChangeFilter, string[]]>([
  [{ field: 'kind', op: 'eq', value: 'model' }, ['m-1']],
  [{ field: 'kind', op: 'neq', value: 'model' }, ['k-1', 'g-1']],
  [{ field: 'kind', op: 'in', value: ['model', 'guardrail'] }, ['m-1', 'g-1']],
  [{ field: 'actorName', op: 'nin', value: ['alice'] }, ['k-1', 'g-1']],
  [{ field: 'actorName', op: 'contains', value: "O'BRIEN%" }, ['k-1']],
  [{ field: 'resourceName', op: 'contains', value: 'gpt' }, ['m-1']],
  [{ field: 'actorName', op: 'exists', value: false }, ['g-1']],
  [{ field: 'foundLate', op: 'eq', value: true }, ['g-1']],
  [{ field: 'revision', op: 'eq', value: '4' }, ['m-1']],
  [{ field: 'trust', op: 'eq', value: 'observed' }, ['g-1']],
  [{ field: 'action', op: 'eq', value: 'rotate' }, ['k-1']],
])('filter %j', async (filter, ids) => {
  const ledger = await filled();
  const { changes } = ledger.searchChanges({ ...everything, filters: [filter] });
  expect(changes.map(({ resource }) => resource.id)).toEqual(ids);
  await ledger.close();
});

test.each(['newest', 'oldest'] as const)('pages of the %s give everything once', async (order) => {
  const ledger = openLedger(temporaryPath());
  // Several at the same moment.
  const events = [
    ...signedEvents('story'),
    ...Array.from({ length: 5 }, (_, n) => audited(0, { resource: { kind: 'team', id: `t-${n}` } })),
  ];
  await ledger.observe(events);
  const query = {
    ...everything,
    environments: [...new Set(events.map(({ environment }) => environment ?? ''))],
    from: 0,
    to: 1e13,
    order,
  };
  const all = ledger.searchChanges({ ...query, limit: 1000 }).changes;
  expect(all).toHaveLength(20);
  const paged = [];
  for (let cursor: string | undefined; ; ) {
    const page = ledger.searchChanges({ ...query, limit: 3, ...(cursor !== undefined && { cursor }) });
    paged.push(...page.changes);
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  expect(paged).toEqual(all);
  await ledger.close();
});

test('what cannot be asked is refused by a code', async () => {
  const ledger = await filled();
  const ask = (query: Partial<ChangeQuery>) => () => ledger.searchChanges({ ...everything, ...query });
  expect(ask({ cursor: 'nonsense' })).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  const bad = { field: 'kind); DROP TABLE rows; --', op: 'eq', value: 'x' } as unknown as ChangeFilter;
  expect(ask({ filters: [bad] })).toThrow(expect.objectContaining({ code: 'invalid_filter' }));
  expect(ask({ filters: [{ field: 'kind', op: 'in', value: 'x' }] })).toThrow(
    expect.objectContaining({ code: 'invalid_filter' }),
  );
  await ledger.close();
});

test('a gap that is ended by a later observation is one gap, in any order', async () => {
  const open: GapObservation = {
    type: 'gap',
    observationId: 'gap-open',
    feed: { type: 'poll', name: 'audit' },
    observedAt: T,
    environment: 'prod',
    from: T,
    reason: 'unreachable',
  };
  const ended: GapObservation = { ...open, observationId: 'gap-ended', to: T + 5000 };
  for (const order of [[open, ended], [ended, open], [open]]) {
    const ledger = openLedger(temporaryPath());
    await ledger.observe(order);
    const gaps = ledger.gaps({ from: T - 10, to: T + 1000, environments: ['prod'] });
    expect(gaps).toEqual([
      {
        feed: open.feed,
        environment: 'prod',
        from: T,
        reason: 'unreachable',
        ...(order.length === 2 && { to: T + 5000 }),
      },
    ]);
    expect(ledger.gaps({ from: T - 10, to: T + 1000, environments: ['other'] })).toEqual([]);
    expect(ledger.gaps({ from: T + 6000, to: T + 7000, environments: ['prod'] })).toHaveLength(
      order.length === 2 ? 0 : 1,
    );
    await ledger.close();
  }
});
