import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayRequest } from '../../model/request.ts';
import { OPERATORS_OF_TYPE, type PersonalField, REQUEST_FIELDS } from '../fields.ts';
import type { ReadScope, RequestFilter, RequestSelection, Visibility } from '../query.ts';
import type { EvidenceStore } from '../store.ts';
import { ALWAYS, canonical, changedAll, everything, requestsOf, searchAll, unordered } from './answers.ts';
import { FIELDS, filterOn, selectionAmong } from './arbitraryQuery.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';
import { SAMPLE, sampleRig } from './sample.ts';

export const PERSONAL = FIELDS.filter((field): field is PersonalField => 'personal' in REQUEST_FIELDS[field]);

const hidden = Object.fromEntries(PERSONAL.map((field) => [field, 'hidden'])) as ReadScope['visibility'];
const visibility = fc.record(
  Object.fromEntries(
    PERSONAL.map((field) => [field, fc.constantFrom<Visibility>('clear', 'hashed', 'hidden')]),
  ) as Record<PersonalField, fc.Arbitrary<Visibility>>,
);

/** Conditions on personal fields, with what they clearly hold, with its hash, and with anything. */
const personalFilter = (hash: (text: string) => string): fc.Arbitrary<RequestFilter> =>
  fc
    .tuple(fc.constantFrom(...PERSONAL), fc.constantFrom(...OPERATORS_OF_TYPE.text), fc.boolean())
    .chain(([field, op, hashed]) =>
      filterOn(field, op, SAMPLE).map((filter) =>
        hashed && typeof filter.value === 'string' && op !== 'regex'
          ? { ...filter, value: hash(filter.value) }
          : filter,
      ),
    );

/** The same request of another person: every personal value is another one, there now, or gone. */
function ofAnother(request: GatewayRequest, at: number): GatewayRequest {
  const { client: _, jwt, ...rest } = request;
  const { subject: __, ...otherJwt } = jwt ?? {};
  const other = (what: string) => (at % 3 === 0 ? {} : { [what]: `another ${at}` });
  const client = { ...other('address'), ...(at % 2 === 0 ? { userAgent: 'smart' } : {}), ...other('identity') };
  const theirJwt = { ...otherJwt, ...other('subject') };
  return {
    ...rest,
    ...(Object.keys(client).length > 0 && { client }),
    ...(Object.keys(theirJwt).length > 0 && { jwt: theirJwt }),
  };
}

/** Everything that a caller can ask of a selection, as one text. */
async function answers(store: EvidenceStore, selection: RequestSelection, personal: PersonalField): Promise<string> {
  const { scope, filters, text } = selection;
  const grouped = { ...selection, groupBy: ['outcome' as const], topN: 2, intervalMs: 3_600_000 };
  const volume = await store.volume(grouped);
  const metrics = await store.metrics({ ...grouped, measures: ['count', 'p95'], exact: true });
  const first = await store.search({ ...selection, limit: 5, order: 'oldest' });
  return canonical([
    (await searchAll(store, { ...selection, limit: 100, order: 'newest' })).map(canonical),
    first.next,
    volume.series,
    metrics.series,
    await store.values({ ...ALWAYS, scope, field: personal, limit: 100, ...(text !== undefined && { search: text }) }),
    await changedAll(store, { scope, filters, afterVersion: 0, limit: 200, ...(text !== undefined && { text }) }),
  ]);
}

/** What a caller may not see must not be seen, nor guessed by asking. */
export function describeVisibility(conformance: Conformance): void {
  describe('hidden fields', () => {
    let one: Rig;
    let another: Rig;
    beforeAll(async () => {
      [one, another] = [await Rig.open(conformance), await Rig.open(conformance)];
      await one.apply(SAMPLE, 100);
      await another.apply(SAMPLE.map(ofAnother), 100);
    });
    afterAll(async () => {
      await one?.close();
      await another?.close();
    });

    it('never influence an answer', async () => {
      expect(unordered(await searchAll(one.store, everything('prod')))).not.toEqual(
        unordered(await searchAll(another.store, everything('prod'))),
      );
      await fc.assert(
        fc.asyncProperty(
          selectionAmong(SAMPLE),
          fc.array(personalFilter(conformance.hash), { maxLength: 2 }),
          fc.constantFrom(...PERSONAL),
          async (selection, filters, field) => {
            const asked = {
              ...selection,
              scope: { ...selection.scope, visibility: hidden },
              filters: [...selection.filters.slice(0, 1), ...filters],
            };
            expect(await answers(one.store, asked, field)).toBe(await answers(another.store, asked, field));
          },
        ),
        { numRuns: Math.ceil(conformance.runs / 3) },
      );
    });
  });

  describe('visibility', () => {
    const rig = sampleRig(conformance);

    it('any mixture of clear, hashed and hidden is answered as by the oracle', async () => {
      await fc.assert(
        fc.asyncProperty(
          selectionAmong(SAMPLE),
          visibility,
          fc.array(personalFilter(conformance.hash), { maxLength: 2 }),
          fc.constantFrom(...PERSONAL),
          async (selection, seen, filters, field) => {
            const scope = { ...selection.scope, visibility: seen };
            const query = {
              ...everything(),
              ...selection,
              scope,
              filters: [...selection.filters.slice(0, 1), ...filters],
            };
            const expected = await searchAll(rig().oracle, query);
            expect(unordered(await searchAll(rig().store, query))).toEqual(unordered(expected));
            const list = { ...ALWAYS, scope, field, limit: 1_000 };
            const values = async (store: EvidenceStore) => (await store.values(list)).values.map(({ value }) => value);
            expect((await values(rig().store)).toSorted()).toEqual((await values(rig().oracle)).toSorted());
          },
        ),
        { numRuns: conformance.runs },
      );
    });
  });

  describe('visibility, by an example', () => {
    const address = '203.0.113.7';
    let rig: Rig;
    const scope = (how: Visibility): ReadScope => ({
      environments: ['prod'],
      visibility: { 'client.address': how },
    });
    const found = async (how: Visibility, filters: readonly RequestFilter[], text?: string) =>
      requestsOf(
        await rig.store.search({ ...everything(), scope: scope(how), filters, ...(text !== undefined && { text }) }),
      );
    const eq = (value: string): RequestFilter => ({ field: 'client.address', op: 'eq', value });

    beforeAll(async () => {
      rig = await Rig.open(conformance);
      await rig.apply([exampleRequest({ client: { address } })]);
    });
    afterAll(() => rig?.close());

    it('hashed shows the hash, and only the hash is found', async () => {
      const hash = conformance.hash(address);
      expect(hash).not.toContain(address);
      const [request] = await found('hashed', []);
      expect(request?.client).toEqual({ address: hash });
      expect(await found('hashed', [eq(hash)])).toHaveLength(1);
      expect(await found('hashed', [eq(address)])).toEqual([]);
      expect(await found('hashed', [{ field: 'client.address', op: 'contains', value: '203.0' }])).toEqual([]);
      expect(await found('hashed', [{ field: 'client.address', op: 'regex', value: '^203' }])).toEqual([]);
      expect(await found('hashed', [], address)).toEqual([]);
      expect(await found('hashed', [], hash)).toHaveLength(1);
      const { values } = await rig.store.values({
        ...ALWAYS,
        scope: scope('hashed'),
        field: 'client.address',
        limit: 5,
      });
      expect(values.map(({ value }) => value)).toEqual([hash]);
    });

    it('hidden is as absent', async () => {
      const [request] = await found('hidden', []);
      expect(request).toEqual(exampleRequest());
      expect(await found('hidden', [eq(address)])).toEqual([]);
      expect(await found('hidden', [eq(conformance.hash(address))])).toEqual([]);
      expect(await found('hidden', [{ field: 'client.address', op: 'neq', value: address }])).toHaveLength(1);
      expect(await found('hidden', [{ field: 'client.address', op: 'exists', value: true }])).toEqual([]);
      expect(await found('hidden', [], address)).toEqual([]);
      const list = { ...ALWAYS, scope: scope('hidden'), field: 'client.address' as const, limit: 5 };
      expect(await rig.store.values(list)).toMatchObject({ values: [], more: false });
      const get = { scope: scope('hidden'), environment: 'prod', requestId: 'request' };
      expect(requestsOf(await rig.store.get(get))).toEqual([exampleRequest()]);
      const changed = { scope: scope('hidden'), filters: [], afterVersion: 0, limit: 5 };
      expect(requestsOf(await rig.store.changed(changed))).toEqual([exampleRequest()]);
    });

    it('a re-send reads everything clear', async () => {
      const { requests } = await rig.store.read({ ...ALWAYS, limit: 5 });
      expect(requests.map((json) => JSON.parse(json) as unknown)).toEqual([exampleRequest({ client: { address } })]);
    });
  });
}
