import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { startOtlpSink } from '../fakes/otlpSink.ts';
import { loadTelemetry } from '../recordings/index.ts';
import { CollectedSpans } from './collectedSpans.ts';
import { type Rig, startRig } from './rig.ts';

/** Requests of the suite's recording. */
const REQUESTS = 1_026;
/** Nothing listens on the port of `discard`. */
const DEAD = 'http://127.0.0.1:9';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function rigWith(destinations: readonly object[], rest: Record<string, unknown> = {}): Promise<Rig> {
  // A destination that never answers would use up the whole time that a stop may drain.
  const rig = await startRig({
    destinations,
    limits: { failed_grace: '500ms', feed_grace: '300ms', shutdown: '500ms' },
    ...rest,
  });
  closers.push(() => rig.close());
  return rig;
}

async function startBackend() {
  const spans = new CollectedSpans();
  const sink = await startOtlpSink({ onAccepted: spans.take });
  closers.push(() => sink.close());
  return { spans, sink };
}

async function sendSuite(rig: Rig): Promise<void> {
  for (const { body } of loadTelemetry('suite')) expect((await rig.telemetry(body)).status).toBe(200);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}

async function destination(rig: Rig, name: string): Promise<Record<string, unknown>> {
  const { path } = await rig.server.status();
  return { ...path.destinations.find((one) => one.name === name) };
}

describe('several destinations', () => {
  it('one that is dead holds up neither the other nor the senders, and keeps its place', async () => {
    const { spans, sink } = await startBackend();
    const rig = await rigWith([
      { name: 'dead', endpoint: DEAD, protocol: 'http/json' },
      { name: 'alive', endpoint: sink.url, protocol: 'http/json' },
    ]);
    await sendSuite(rig);
    await until(() => spans.requests.length === REQUESTS);
    expect(await destination(rig, 'dead')).toMatchObject({ state: 'retrying', delivered: 0, gaps: [] });
    expect(Number((await destination(rig, 'dead')).backlogRows)).toBeGreaterThanOrEqual(REQUESTS);
  }, 60_000);

  it('one that was down gets everything once it is back', async () => {
    const { spans, sink } = await startBackend();
    sink.answer({ kind: 'status', status: 503, retryAfter: '1' });
    const rig = await rigWith([{ name: 'tempo', endpoint: sink.url, protocol: 'http/json' }]);
    await sendSuite(rig);
    await until(async () => (await destination(rig, 'tempo')).state === 'retrying');
    expect(spans.received).toBe(0);
    sink.answer({ kind: 'accept' });
    await until(() => spans.requests.length === REQUESTS);
    await rig.settled();
    expect(await destination(rig, 'tempo')).toMatchObject({ backlogRows: 0, setAside: {}, gaps: [] });
  }, 60_000);

  it('each see what their own filter, sampling, redaction, trace and resource leave, and nothing of the others’', async () => {
    const [all, failures, sampled, hidden] = await Promise.all([1, 2, 3, 4].map(startBackend));
    if (!all || !failures || !sampled || !hidden) throw new Error('four backends were started');
    const json = { protocol: 'http/json' };
    const rig = await rigWith(
      [
        { name: 'all', endpoint: all.sink.url, ...json },
        { name: 'failures', endpoint: failures.sink.url, ...json, filter: { outcomes: ['provider_error'] } },
        { name: 'sampled', endpoint: sampled.sink.url, ...json, sampling: { ratio: 0 } },
        {
          name: 'hidden',
          endpoint: hidden.sink.url,
          ...json,
          trace_id: 'fresh',
          redaction: { drop: ['client.address'], hash: ['aisix.api_key_id'] },
          resource_attributes: { 'service.name': 'our-gateway', team: 'ai' },
        },
      ],
      { redaction: { key: 'a-key-of-this-test' } },
    );
    await sendSuite(rig);
    await until(() => all.spans.requests.length === REQUESTS && hidden.spans.requests.length === REQUESTS);
    await rig.settled();

    const outcomes = (spans: CollectedSpans) => spans.requests.map(({ attributes }) => attributes['aisix.outcome']);
    expect(new Set(outcomes(failures.spans))).toEqual(new Set(['provider_error']));
    expect(failures.spans.requests).toHaveLength(outcomes(all.spans).filter((one) => one === 'provider_error').length);
    expect(sampled.spans.requests.length).toBeGreaterThanOrEqual(
      outcomes(all.spans).filter((one) => one !== 'success' && one !== 'client_closed').length,
    );
    expect(sampled.spans.requests.length).toBeLessThan(REQUESTS / 2);

    const clear = new Map(all.spans.all.map((span) => [span.spanId, span]));
    let hashes = 0;
    for (const span of hidden.spans.all) {
      const same = clear.get(span.spanId);
      expect(same?.name).toBe(span.name);
      expect(span.traceId).not.toBe(same?.traceId);
      expect(span.attributes).not.toHaveProperty('client.address');
      const key = same?.attributes['aisix.api_key_id'];
      if (key !== undefined) {
        expect(span.attributes['aisix.api_key_id']).toMatch(/^hmac:[0-9a-f]{12}$/);
        hashes += 1;
      }
      expect(span.resource).toMatchObject({ 'service.name': 'our-gateway', team: 'ai' });
      expect(same?.resource).toMatchObject({ 'service.name': 'aisix-gateway' });
    }
    expect(hashes).toBeGreaterThan(500);
    expect(hidden.spans.all).toHaveLength(all.spans.all.length);
  }, 60_000);

  it('are told who sends: exporter, version, language, and what the encoding is', async () => {
    const seen: Record<string, unknown>[] = [];
    const { sink } = await startBackend();
    sink.answer(({ headers }) => {
      seen.push({ ...headers });
      return { kind: 'accept' };
    });
    const rig = await rigWith([{ name: 'tempo', endpoint: sink.url, headers: { 'x-scope-orgid': 'team' } }]);
    const [first] = loadTelemetry('suite');
    expect((await rig.telemetry(first?.body)).status).toBe(200);
    await until(() => seen.length > 0);
    expect(seen[0]).toMatchObject({
      'user-agent': expect.stringMatching(
        /^aisix-observability\/\d+\.\d+\.\d+ \(OTLP exporter; JavaScript; Node\.js \d+\)$/,
      ),
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'x-scope-orgid': 'team',
    });
    expect(Number(seen[0]?.['content-length'])).toBeGreaterThan(0);
  }, 60_000);

  it('one whose token expired is blocked and loses nothing', async () => {
    const { spans, sink } = await startBackend();
    sink.answer({ kind: 'status', status: 401 });
    const rig = await rigWith([{ name: 'tempo', endpoint: sink.url, protocol: 'http/json' }]);
    await sendSuite(rig);
    await until(async () => (await destination(rig, 'tempo')).state === 'blocked');
    expect(await destination(rig, 'tempo')).toMatchObject({ delivered: 0, setAside: {}, gaps: [] });
    expect(spans.received).toBe(0);
    const { host, port } = rig.server.api;
    // Gauges of destinations are refreshed every other second.
    await until(async () => {
      const metrics = await (await fetch(`http://${host}:${port}/metrics`)).text();
      return /^aisix_destination_state\{[^}]*destination="tempo"[^}]*\} 3$/m.test(metrics);
    });
  }, 60_000);
});
