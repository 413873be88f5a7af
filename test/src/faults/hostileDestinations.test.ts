import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { SinkReply, SinkRequest } from '../fakes/otlpSink.ts';
import { type Backend, startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { sample } from './metrics.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

/** Spans of one request that a picky backend takes. */
const NARROW_SPANS = 40;
const RETRY_AFTER_SECONDS = 2;
/** From so many single rows refused in a row on, the fault is sought in the configuration and nothing more is given up. */
const GIVEN_UP_ROWS = 16;

it('each way in which a backend can misbehave has its state, its counter, and loses nothing that it would take', async () => {
  await using undo = new AsyncDisposableStack();
  const backends = new Map<string, Backend>();
  const misbehaving = async (name: string, answer: SinkReply | ((request: SinkRequest) => SinkReply)) => {
    const backend = undo.use(await startBackend());
    backend.answer(answer);
    backends.set(name, backend);
    return backend;
  };
  const elsewhere = undo.use(await startBackend());
  const accept: SinkReply = { kind: 'accept' };

  const throttled = { since: 0, last: 0, next: 0 };
  await misbehaving('throttling', () => {
    const now = performance.now();
    throttled.since ||= now;
    // Whatever was on its way already when the first was turned away is turned away as well.
    if (now - throttled.since < 1_000) {
      throttled.last = now;
      return { kind: 'status', status: 429, retryAfter: String(RETRY_AFTER_SECONDS) };
    }
    throttled.next ||= now;
    return accept;
  });
  let poison: string | undefined;
  await misbehaving('picky', ({ document }) => {
    const text = JSON.stringify(document);
    poison ??= /"aisix\.request_id","value":\{"stringValue":"([^"]+)"/.exec(text)?.[1];
    return text.includes(poison ?? '') ? { kind: 'status', status: 400, text: 'bad span' } : accept;
  });
  await misbehaving('narrow', ({ spans }) => (spans > NARROW_SPANS ? { kind: 'status', status: 413 } : accept));
  await misbehaving('partial', ({ number }) =>
    number === 1 ? { kind: 'partial', rejected: 1, message: 'a span is too old' } : accept,
  );
  await misbehaving('nonsense', { kind: 'nonsense' });
  await misbehaving('redirecting', { kind: 'redirect', location: `${elsewhere.url}/v1/traces` });
  await misbehaving('unauthorized', { kind: 'status', status: 401 });
  await misbehaving('failing', { kind: 'status', status: 500, text: 'oops' });
  await misbehaving('hanging', { kind: 'hang' });
  await misbehaving('closing', { kind: 'closeMidBody' });
  await misbehaving('garbling', { kind: 'garbage' });
  await misbehaving('unavailable', { kind: 'status', status: 503 });

  await using rig = createFaultRig({
    destinations: [...backends].map(([name, { url }]) => ({ name, endpoint: url, timeout: '500ms' })),
    limits: { shutdown: '1s' },
  });
  await rig.start();
  await using traffic = startTraffic({ seed: 4, rate: 120, ingest: rig.ingest });
  await delay(2_000);
  await traffic.finish();
  expect([...traffic.refusals]).toEqual([]);

  // Those that only make trouble for a while, or for a part, have it all without anybody's help.
  const complete = ['throttling', 'picky', 'narrow', 'partial', 'nonsense'];
  await rig.settled({ destinations: complete });
  const state = async () => {
    const { path } = await rig.server.status();
    return new Map(path.destinations.map((destination) => [destination.name, destination]));
  };
  const seen = await waitFor('the failing destination to be blocked', async () => {
    const now = await state();
    return now.get('failing')?.state === 'blocked' && now;
  });
  const metrics = await rig.server.metrics();
  const count = (metric: string, destination: string, labels = {}) =>
    sample(metrics, `aisix_destination_${metric}_total`, { destination, ...labels });

  expect(seen.get('throttling')).toMatchObject({ state: 'ok', setAside: {}, lastError: { message: 'answered 429' } });
  expect(count('requests_retried', 'throttling', { reason: 'status_429' })).toBeGreaterThan(0);
  expect(throttled.next - throttled.last).toBeGreaterThan(RETRY_AFTER_SECONDS * 1_000 - 50);

  // A row is a version of a request, and the poisoned one may have been corrected.
  const poisoned = setAsideOf(rig.dataDir, 'picky');
  expect(new Set(poisoned)).toEqual(new Set([poison]));
  expect(seen.get('picky')).toMatchObject({ state: 'ok', setAside: { refused: poisoned.length }, backlogRows: 0 });
  expect(count('rows_set_aside', 'picky', { reason: 'refused' })).toBe(poisoned.length);
  expect(seen.get('narrow')).toMatchObject({ state: 'ok', setAside: {}, rejected: 0, backlogRows: 0 });
  expect(seen.get('partial')).toMatchObject({ state: 'ok', setAside: {}, rejected: 1, backlogRows: 0 });
  expect(count('items_rejected', 'partial')).toBe(1);
  expect(seen.get('nonsense')).toMatchObject({ state: 'ok', setAside: {}, backlogRows: 0 });
  expect(seen.get('nonsense')?.unreadableResponses).toBeGreaterThan(0);
  expect(count('responses_unreadable', 'nonsense', { reason: 'nonsense' })).toBeGreaterThan(0);

  expect(seen.get('redirecting')).toMatchObject({ state: 'blocked', delivered: 0, setAside: {} });
  expect(seen.get('redirecting')?.lastError).toMatchObject({
    message: `answered 307, a redirect to ${elsewhere.url}`,
    hint: expect.stringContaining('redirects are never followed'),
  });
  expect(elsewhere.stats().connections).toBe(0);
  expect(seen.get('unauthorized')).toMatchObject({
    state: 'blocked',
    delivered: 0,
    setAside: {},
    lastError: { message: 'answered 401', hint: expect.stringContaining('credentials') },
  });
  expect(seen.get('failing')).toMatchObject({ state: 'blocked', setAside: { refused: GIVEN_UP_ROWS }, delivered: 0 });
  const retrying = { state: 'retrying', delivered: 0, setAside: {} };
  expect(seen.get('hanging')).toMatchObject({ ...retrying, lastError: { message: 'no answer in time' } });
  expect(seen.get('closing')).toMatchObject({
    ...retrying,
    lastError: { message: expect.stringContaining('lost the connection') },
  });
  expect(seen.get('garbling')).toMatchObject({
    ...retrying,
    lastError: { message: expect.stringContaining('lost the connection') },
  });
  expect(seen.get('unavailable')).toMatchObject({ ...retrying, lastError: { message: 'answered 503' } });
  for (const [name, number] of [
    ['nonsense', 0],
    ['unavailable', 2],
    ['redirecting', 3],
  ] as const) {
    // The gauge is set every two seconds.
    await waitFor(`the gauge of ${name}`, async () => {
      const text = await rig.server.metrics();
      return sample(text, 'aisix_destination_state', { destination: name }) === number;
    });
  }
  const shown = (await rig.command('status')).out;
  for (const [name, { state: expected }] of seen) expect(shown).toMatch(new RegExp(`${name} +${expected}`));

  // Mended: what is blocked is probed slowly, a restart asks at once.
  for (const backend of backends.values()) backend.answer(accept);
  expect(await rig.server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  await rig.start();
  await rig.settled();
  for (const [name, { book }] of backends) {
    const missing = new Set(traffic.acked.missingFrom(book).map((fact) => fact.split('/')[0]));
    const aside = name === 'picky' || name === 'failing' ? setAsideOf(rig.dataDir, name) : [];
    for (const requestId of aside) missing.delete(requestId);
    expect([...missing], name).toEqual([]);
    expect(book.contradictions, name).toEqual([]);
  }
  expect(traffic.acked.missingFrom(backends.get('picky')?.book ?? elsewhere.book)).toContain(poison);
  expect(setAsideOf(rig.dataDir, 'failing')).toHaveLength(GIVEN_UP_ROWS);
}, 60_000);

/** Request ids in the file of rows that a destination never took. */
function setAsideOf(dataDir: string, destination: string): string[] {
  const text = readFileSync(join(dataDir, 'set-aside', `${destination}.ndjson`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const { payload } = JSON.parse(line) as { payload: string | { requestId: string } };
      return typeof payload === 'string' ? (JSON.parse(payload) as { requestId: string }).requestId : payload.requestId;
    });
}
