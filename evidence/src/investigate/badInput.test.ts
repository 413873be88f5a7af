import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../model/catalogue.ts';
import {
  after,
  broken,
  change,
  END,
  ENTRIES,
  type Ending,
  entry,
  evidenceOf,
  FORBIDDEN,
  healthy,
  KEY_BATCH,
  MINUTE,
  MODEL_ONE,
  PROVIDER_A,
  REFUSED_KEY,
  SECRET,
  T0,
} from './testing/exampleWindow.ts';
import { weighChange } from './weighChange.ts';

const NOT_FOUND: Ending = { status: 404, errorClass: 'model_not_found', refused: true };
const onProviderA = ({ requestedModel }: { readonly requestedModel?: string | undefined }) =>
  requestedModel === 'one' || requestedModel === 'two';
const wrongSecret = () => broken((one) => (after(one) && onProviderA(one) ? REFUSED_KEY : undefined));

describe('a model that is renamed', () => {
  const at = (time: number) =>
    time < T0
      ? ENTRIES
      : ENTRIES.map((one) => (one.id === MODEL_ONE.id ? entry('model', one.id, 'uno', one.value) : one));
  const path = [['/display_name', 'one', 'uno']] as const;

  it.each([
    ['telling the old name', { ...MODEL_ONE, name: 'uno', previousName: 'one' }],
    ['telling the new name only', { ...MODEL_ONE, name: 'uno' }],
  ])('is a suspect when callers still ask for the old name, %s', (_, resource) => {
    const renamed = change('r', resource, path);
    const rows = broken((one) => (after(one) && one.requestedModel === 'one' ? NOT_FOUND : undefined));
    expect(weighChange(evidenceOf(rows, [renamed], { at }), renamed, END)).toMatchObject({ verdict: 'suspect' });
  });

  it('is cleared when callers follow', () => {
    const renamed = change('r', { ...MODEL_ONE, name: 'uno' }, path);
    const rows = healthy().map((one) =>
      after(one) && one.requestedModel === 'one'
        ? { ...one, requestedModel: 'uno', attempts: one.attempts.map((attempt) => ({ ...attempt, model: 'uno' })) }
        : one,
    );
    expect(weighChange(evidenceOf(rows, [renamed], { at }), renamed, END).verdict).toBe('cleared');
  });
});

describe('a model that is created anew under its name', () => {
  const ANEW = { ...MODEL_ONE, id: 'id-one-2' };
  const at = (time: number) =>
    time < T0 ? ENTRIES : ENTRIES.map((one) => (one.id === 'id-one' ? { ...one, ...ANEW } : one));
  const rows = broken((one) => (after(one) && one.requestedModel === 'one' ? REFUSED_KEY : undefined));

  it('with something in it that breaks, is never cleared of it; of the pair neither is blamed without a word', () => {
    const deleted = change('d', MODEL_ONE, [], { action: 'delete' });
    const created = change('n', ANEW, [], { action: 'create', at: 300 });
    const evidence = evidenceOf(rows, [deleted, created], { at });
    const first = weighChange(evidence, deleted, END);
    expect(first).toMatchObject({ verdict: 'undecided', reason: 'same_moment_as_another' });
    expect(first.sentence).toBe(
      'Model one: it was changed again within the same moment, and requests cannot tell the two apart.',
    );
    expect(weighChange(evidence, created, END)).toMatchObject({ verdict: 'suspect', reason: 'worse_than_expected' });
  });

  it('is not what the absence before it brought', () => {
    const deleted = change('a', KEY_BATCH, [], { action: 'delete', at: -40_000 });
    const created = change('b', { ...KEY_BATCH, id: 'id-batch-2' }, [], { action: 'create' });
    const evidence = evidenceOf(healthy(), [deleted, created]);
    const { worse } = evidence.known(created).mechanism;
    expect(worse).toMatchObject({ caller_auth: 1, forbidden: 1 });
    expect([worse.vanished, worse.not_found]).toEqual([undefined, undefined]);
  });

  it('is no suspect of what began to fail in another way where nothing of that name was before', () => {
    const created = change('n', ANEW, [], { action: 'create' });
    expect(weighChange(evidenceOf(rows, [created], { at }), created, END).verdict).not.toBe('suspect');
  });
});

describe('two caller keys of one name', () => {
  const OTHER = { ...KEY_BATCH, id: 'id-other' };
  const entries: readonly CatalogueEntry[] = [...ENTRIES, entry('api_key', OTHER.id, OTHER.name, {})];
  const narrowed = [['/allowed_models', ['*'], ['two']]] as const;
  const refused = broken((one) =>
    after(one) && one.apiKeyName === 'batch' && one.requestedModel !== 'two' ? FORBIDDEN : undefined,
  );

  it('are told apart by their ids: the other one is not blamed', () => {
    const other = change('x', OTHER, narrowed);
    expect(weighChange(evidenceOf(refused, [other], { entries }), other, END)).toMatchObject({
      verdict: 'undecided',
      reason: 'resource_untouched',
    });
    const own = change('x', KEY_BATCH, narrowed);
    expect(weighChange(evidenceOf(refused, [own], { entries }), own, END).verdict).toBe('suspect');
  });

  it('are no twins: changed in one second, each is judged by itself', () => {
    const own = change('x', KEY_BATCH, narrowed);
    const other = change('y', OTHER, [['/user_name', 'a', 'b']], { at: 500 });
    expect(weighChange(evidenceOf(refused, [own, other], { entries }), own, END).verdict).toBe('suspect');
  });
});

it('what was first seen after a change does not say that its value was in force before', () => {
  const broke = change('c', PROVIDER_A, SECRET, { effective: [] });
  const seenAt = (since: number) =>
    ENTRIES.map((one) =>
      one.id === PROVIDER_A.id ? { ...one, since, value: { ...one.value, secret: 'hmac:000000000002' } } : one,
    );
  expect(
    weighChange(evidenceOf(wrongSecret(), [broke], { entries: seenAt(T0 + 3 * MINUTE) }), broke, END),
  ).toMatchObject({
    verdict: 'suspect',
  });
  expect(weighChange(evidenceOf(healthy(), [broke], { entries: seenAt(T0 - MINUTE) }), broke, END)).toMatchObject({
    verdict: 'no_effect',
    reason: 'equals_value_in_force',
  });
});

it('when all requests stay away, a feed died: the change of a caller key is not blamed', () => {
  const deleted = change('c', KEY_BATCH, [], { action: 'delete' });
  const dead = healthy().filter((one) => !after(one));
  expect(weighChange(evidenceOf(dead, [deleted]), deleted, END)).toMatchObject({
    verdict: 'undecided',
    reason: 'few_requests_after',
  });
  const gone = healthy().filter((one) => !(after(one) && one.apiKeyName === 'batch'));
  expect(weighChange(evidenceOf(gone, [deleted]), deleted, END).verdict).toBe('suspect');
});

it('what a data plane was found to serve after a silence may have been in force since it began', () => {
  const at = -20 * MINUTE;
  const rows = broken((one) => (after(one, at) && onProviderA(one) ? REFUSED_KEY : undefined));
  const found = change('c', PROVIDER_A, SECRET, {
    occurredAt: T0 + at,
    effective: [{ dataPlane: 'dp-1', at: T0 }],
  });
  const away = { feed: 'cache', of: 'changes', dataPlane: 'dp-1', from: T0 - 22 * MINUTE, to: T0 } as const;
  expect(weighChange(evidenceOf(rows, [found], { silent: [away] }), found, END)).toMatchObject({
    verdict: 'suspect',
    inForceFrom: T0 + at,
    inForceTo: T0,
  });
  // Another data plane's silence says nothing of this one: it took the change when the trouble was there already.
  const other = { ...away, dataPlane: 'dp-9' };
  expect(weighChange(evidenceOf(rows, [found], { silent: [other] }), found, END).verdict).not.toBe('suspect');
});

it('few requests are counted, and none are called none', () => {
  const secret = change('c', PROVIDER_A, SECRET);
  const sentence = (rows: ReturnType<typeof healthy>) => weighChange(evidenceOf(rows, [secret]), secret, END).sentence;
  const since = wrongSecret().filter((one) => after(one));
  expect(sentence(since)).toBe('Requests touched by provider key a-main: none before the change.');
  const first = wrongSecret().filter((one) => !after(one, 4_000));
  expect(sentence(first)).toBe('Requests touched by provider key a-main: only 4 since the change.');
});

it('no requests at all, or an audit clock that is ahead: no guess', () => {
  expect(
    weighChange(evidenceOf([], [change('c', PROVIDER_A, SECRET)]), change('c', PROVIDER_A, SECRET), END),
  ).toMatchObject({ verdict: 'undecided', reason: 'resource_untouched' });
  for (const ahead of [1, 3, 10]) {
    const told = change('c', PROVIDER_A, SECRET, { effective: [], at: ahead * MINUTE });
    expect(weighChange(evidenceOf(wrongSecret(), [told]), told, END)).toMatchObject({
      verdict: 'undecided',
      reason: 'onset_misfit',
    });
  }
});
