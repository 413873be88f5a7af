import { describe, expect, test } from 'vitest';
import { openLedger } from './ledger.ts';
import { audited, seen, served, T } from './testing/observations.ts';
import { ENVIRONMENT, signedEvents, statusReports, trueChanges, watched } from './testing/story.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

async function story() {
  const ledger = openLedger(temporaryPath());
  await ledger.observe([...watched('story'), ...signedEvents('story')]);
  const changes = ledger.versionsAfter(0, 1000).flatMap((version) => ('change' in version ? [version.change] : []));
  return { ledger, changes };
}

describe('the catalogue of a recorded evening', () => {
  test('holds what was there at the first look, and each change from its time on', async () => {
    const { ledger } = await story();
    const truth = trueChanges('story');
    const timeoutAt = (time: number, where: 'desired' | 'dp-1') => {
      const { desired, inForce } = ledger.catalogueAt(ENVIRONMENT, time);
      const entries = where === 'desired' ? desired : (inForce['dp-1'] ?? []);
      return entries.find(({ name }) => name === 'mistral-large')?.value.timeout;
    };
    const first = Date.parse(truth[0]?.occurred_at ?? '') - 1000;
    expect(ledger.catalogueAt(ENVIRONMENT, first).desired).toHaveLength(17);
    expect(ledger.catalogueAt(ENVIRONMENT, first).inForce['dp-1']).toHaveLength(17);
    expect(ledger.catalogueAt(ENVIRONMENT, first - 3_600_000)).toMatchObject({ desired: [], inForce: {} });
    expect(ledger.catalogueAt('elsewhere', first)).toMatchObject({ desired: [], inForce: {} });

    const raised = Date.parse(truth.find(({ revision }) => revision === 2240)?.occurred_at ?? '');
    expect([timeoutAt(raised - 1, 'desired'), timeoutAt(raised, 'desired')]).toEqual([30_000, 60_000]);
    expect([timeoutAt(raised, 'dp-1'), timeoutAt(raised + 1000, 'dp-1')]).toEqual([30_000, 60_000]);
    await ledger.close();
  });

  test('tells what is wanted from what is served where a document was refused', async () => {
    const { ledger, changes } = await story();
    const refused = changes.find(({ state }) => state === 'rejected');
    const mended = changes.find(({ revision }) => revision === 2250);
    const { desired, inForce } = ledger.catalogueAt(ENVIRONMENT, (refused?.occurredAt ?? 0) + 5000);
    expect(desired.find(({ id }) => id === refused?.resource.id)).toMatchObject({ revision: 2249 });
    expect(inForce['dp-1']?.find(({ id }) => id === refused?.resource.id)).toMatchObject({
      revision: 2240,
      value: { timeout: 60_000 },
    });
    const later = ledger.catalogueAt(ENVIRONMENT, (mended?.occurredAt ?? 0) + 5000);
    expect(later.inForce['dp-1']?.find(({ id }) => id === refused?.resource.id)).toMatchObject({ revision: 2250 });
    await ledger.close();
  });

  test('drops what was deleted, wanted and served', async () => {
    const { ledger, changes } = await story();
    const deleted = changes.find(({ action }) => action === 'delete');
    const ids = (time: number) => {
      const { desired, inForce } = ledger.catalogueAt(ENVIRONMENT, time);
      return [desired, inForce['dp-1'] ?? []].map((entries) => entries.some(({ id }) => id === deleted?.resource.id));
    };
    expect(ids((deleted?.occurredAt ?? 0) - 1)).toEqual([true, true]);
    expect(ids(deleted?.occurredAt ?? 0)).toEqual([false, true]);
    expect(ids((deleted?.occurredAt ?? 0) + 1000)).toEqual([false, false]);
    await ledger.close();
  });

  test('gives the names of caller keys and models that exist', async () => {
    const { ledger } = await story();
    const names = ledger.names();
    expect(
      names
        .filter(({ kind }) => kind === 'api_key')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['team-batch', 'team-mobile', 'team-web']);
    expect(names.find(({ name }) => name === 'gpt-4o-mini')?.id).toBe('2afa4351-bc55-4d5d-9781-f7ce0bd72f64');
    await ledger.close();
  });
});

test('the catalogue knows what a data plane said of itself, at that time', async () => {
  const { ledger, changes } = await story();
  await ledger.observe(statusReports('story'));
  const refused = changes.find(({ state }) => state === 'rejected');
  const at = refused?.occurredAt ?? 0;
  expect(ledger.catalogueAt(ENVIRONMENT, at - 10_000).states?.['dp-1']).toMatchObject({
    state: 'synced',
    rejected: [],
  });
  expect(ledger.catalogueAt(ENVIRONMENT, at + 10_000).states?.['dp-1']).toMatchObject({
    rejected: [{ kind: 'model', id: refused?.resource.id }],
  });
  expect(ledger.catalogueAt('elsewhere', at).states).toEqual({});
  await ledger.close();
});

test('a resource that only events tell of is there, without their saying what it looks like when it is deleted', async () => {
  const ledger = openLedger(temporaryPath());
  await ledger.observe([
    audited(0, { action: 'create', after: { display_name: 'gpt' } }),
    audited(10, { paths: [{ path: '/timeout', after: 5, secret: false }] }),
    audited(20, { action: 'delete' }),
    audited(5, { result: 'failure', after: { display_name: 'never' } }),
  ]);
  const namesAt = (seconds: number) => ledger.catalogueAt('prod', T + seconds * 1000).desired.map(({ name }) => name);
  expect([namesAt(-1), namesAt(0), namesAt(15), namesAt(20)]).toEqual([[], ['gpt'], ['gpt'], []]);
  await ledger.close();
});

test('two data planes serve different values until both have the new one', async () => {
  const ledger = openLedger(temporaryPath());
  const [one, two] = [{ timeout: 1 }, { timeout: 2 }];
  await ledger.observe([
    seen(0, 1, { revision: 5, action: 'create', after: one }),
    seen(0, 1, { revision: 5, action: 'create', after: one, dataPlane: 'dp-2' }),
    served(1, { revision: 5 }),
    served(1, { revision: 5, dataPlane: 'dp-2' }),
    seen(10, 11, { revision: 6, after: two }),
    served(11, { revision: 6 }),
    seen(30, 31, { revision: 6, after: two, dataPlane: 'dp-2' }),
    served(31, { revision: 6, dataPlane: 'dp-2' }),
  ]);
  const served20 = ledger.catalogueAt('prod', T + 20_000).inForce;
  expect([served20['dp-1']?.[0]?.value, served20['dp-2']?.[0]?.value]).toEqual([two, one]);
  expect(ledger.catalogueAt('prod', T + 31_000).inForce['dp-2']?.[0]?.value).toEqual(two);
  await ledger.close();
});
