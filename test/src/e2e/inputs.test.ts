import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBackfill } from '@aisix-observability/collector-exporter';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { controlSocketOf, createControlClient } from '@aisix-observability/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3Bucket } from '../fakes/s3Bucket.ts';
import {
  asArchive,
  encodeObject,
  flushes,
  loadEvents,
  loadOtlp,
  loadTelemetry,
  objectName,
  partitionOf,
  RECORDED_ENVIRONMENT,
  type RecordingName,
  shiftEvent,
  shiftOtlp,
  shiftToNow,
  type UsageEvent,
  uploadPath,
} from '../recordings/index.ts';
import type { CollectedSpan, CollectedSpans } from './collectedSpans.ts';
import { type Rig, startRig } from './rig.ts';

/**
 * What may differ between inputs: only one with a certificate or a configured name knows the data plane, and how often
 * a request was corrected depends on what arrived together.
 */
const OF_THE_INPUT = ['service.instance.id', 'aisix.revision'];

/** Attributes that the data plane's own spans can tell of (facts B.3), apart from the ones every span of ours has. */
const TOLD_BY_OTLP = new Set([
  'aisix.a2a.method',
  'aisix.a2a.operation',
  'aisix.a2a.protocol_version',
  'aisix.a2a.stream_event_count',
  'aisix.a2a.task_id',
  'aisix.a2a.task_state',
  'aisix.api_key_id',
  'aisix.attempt.input_tokens',
  'aisix.attempt.outcome',
  'aisix.attempt.output_tokens',
  'aisix.attempt.previous_error',
  'aisix.attempt_count',
  'aisix.attempt_index',
  'aisix.attempt_kind',
  'aisix.attempt_model',
  'aisix.audio.duration_seconds',
  'aisix.client_identity',
  'aisix.dispatched',
  'aisix.downstream_latency_ms',
  'aisix.environment.id',
  'aisix.error_class',
  'aisix.error_message',
  'aisix.fallback_count',
  'aisix.guardrail.blocked',
  'aisix.jwt_claim_mapping',
  'aisix.jwt_provider',
  'aisix.jwt_subject',
  'aisix.mcp.server_name',
  'aisix.model_id',
  'aisix.operation',
  'aisix.outcome',
  'aisix.passthrough.route_name',
  'aisix.request_id',
  'aisix.retry_count',
  'aisix.revision',
  'aisix.served_model',
  'aisix.timing',
  'aisix.upstream_ttft_ms',
  'client.address',
  'error.type',
  'gen_ai.agent.name',
  'gen_ai.conversation.id',
  'gen_ai.operation.name',
  'gen_ai.request.model',
  'gen_ai.request.stream',
  'gen_ai.response.finish_reasons',
  'gen_ai.response.id',
  'gen_ai.response.model',
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.tool.name',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'http.request.resend_count',
  'http.response.status_code',
  'user_agent.original',
]);

async function expectOk(response: Response): Promise<void> {
  expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, '']);
  await response.arrayBuffer().catch(() => {});
}

/** As many connections as a gateway with several exporters; the order of arrival is then nobody's. */
const CONNECTIONS = 8;

async function sendAll<T>(things: Iterable<T>, send: (thing: T) => Promise<void>): Promise<void> {
  const queue = Iterator.from(things);
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let next = queue.next(); !next.done; next = queue.next()) await send(next.value);
    }),
  );
}

async function byUpload(rig: Rig, events: readonly UsageEvent[]): Promise<void> {
  await sendAll(flushes(events), async (batch) => {
    const body = encodeObject(batch);
    const partition = partitionOf(batch[0]?.occurred_at ?? '');
    await expectOk(await rig.upload(uploadPath('gateway-logs', 'aisix/prod', partition, objectName(body)), body));
  });
}

async function byTelemetry(rig: Rig, name: RecordingName, shift: number): Promise<void> {
  await sendAll(loadTelemetry(name), async ({ body }) => {
    const events = body.events.map((event) => shiftEvent(event, shift));
    const response = await rig.telemetry({ events });
    expect(await response.json()).toEqual({ accepted: events.length });
  });
}

async function byArchive(rig: Rig, events: readonly UsageEvent[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'aisix-archive-'));
  await asArchive(events, dir);
  const control = createControlClient(controlSocketOf(rig.dataDir));
  const summary = await runBackfill({
    dir,
    environment: RECORDED_ENVIRONMENT,
    accept: control.accept,
    checkpointFile: join(dir, 'checkpoint.json'),
    now: Date.now,
    recorder: silentRecorder,
    log: silentLog,
  });
  control.close();
  rmSync(dir, { recursive: true });
  expect(summary).toMatchObject({ events: events.length, refused: 0 });
}

async function byFollowing(events: readonly UsageEvent[]): Promise<Rig> {
  const bucket = await startS3Bucket();
  for (const batch of flushes(events)) {
    const body = encodeObject(batch);
    bucket.put(`aisix/prod/${partitionOf(batch[0]?.occurred_at ?? '')}/${objectName(body)}`, body);
  }
  const rig = await startRig({
    inputs: {
      follow_bucket: [
        {
          endpoint: bucket.url,
          bucket: 'gateway-logs',
          prefix: 'aisix/prod',
          credentials: { id: 'a', secret: 'b' },
          environment: 'prod',
          interval: '1s',
          since: '3h',
        },
      ],
    },
  });
  while ((await stored(rig)) < events.length) await new Promise((resolve) => setTimeout(resolve, 50));
  await rig.settled();
  await bucket.close();
  return rig;
}

async function stored(rig: Rig): Promise<number> {
  return (await rig.server.status()).inputs.reduce((sum, { events }) => sum + events, 0);
}

describe('the suite through every input', () => {
  const spans = new Map<string, CollectedSpans>();
  let events: UsageEvent[];

  beforeAll(async () => {
    const shift = shiftToNow('suite');
    events = loadEvents('suite').map((event) => shiftEvent(event, shift));
    const run = async (input: string, send: (rig: Rig) => Promise<void>) => {
      const rig = await startRig();
      await send(rig);
      await rig.settled();
      spans.set(input, rig.spans);
      await rig.close();
    };
    await run('object_store', (rig) => byUpload(rig, events));
    const followed = await byFollowing(events);
    spans.set('follow_bucket', followed.spans);
    await followed.close();
    await run('telemetry', (rig) => byTelemetry(rig, 'suite', shift));
    await run('archive', (rig) => byArchive(rig, events));
    await run('otlp', async (rig) => {
      for (const post of loadOtlp('suite')) {
        const response = await rig.traces(shiftOtlp(post, shift).body);
        expect(await response.json()).toEqual({});
      }
    });
    await run('both', async (rig) => {
      await byTelemetry(rig, 'suite', shift);
      for (const post of loadOtlp('suite')) await expectOk(await rig.traces(shiftOtlp(post, shift).body));
    });
  }, 120_000);

  it('gives the requests and attempts of the recording', () => {
    const counts = [...spans].map(([input, { requests, attempts }]) => [input, requests.length, attempts.length]);
    expect(counts).toEqual([
      ['object_store', 1_026, 1_005],
      ['follow_bucket', 1_026, 1_005],
      ['telemetry', 1_026, 1_005],
      ['archive', 1_026, 1_005],
      ['otlp', 588, 608],
      ['both', 1_027, 1_006],
    ]);
  });

  it.each(['follow_bucket', 'telemetry', 'archive'])('gives the same spans by %s as by object_store', (input) => {
    expect(spans.get(input)?.canonical(OF_THE_INPUT)).toEqual(spans.get('object_store')?.canonical(OF_THE_INPUT));
  });

  it('gives by otlp a subset: the attributes that the data plane writes to its spans', () => {
    const told = new Set(spans.get('otlp')?.all.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...told].filter((name) => !TOLD_BY_OTLP.has(name))).toEqual([]);
    expect(told.size).toBeGreaterThan(30);
  });

  it('says the same by otlp alone as with both feeds, where it says anything', () => {
    const both = new Map(spans.get('both')?.all.map((span) => [span.spanId, span]));
    const differing = new Map<string, number>();
    for (const span of spans.get('otlp')?.all ?? []) {
      const same = both.get(span.spanId) as CollectedSpan;
      expect(same, span.name).toBeDefined();
      for (const [name, value] of Object.entries(span.attributes)) {
        if (JSON.stringify(same.attributes[name]) !== JSON.stringify(value)) {
          differing.set(name, (differing.get(name) ?? 0) + 1);
        }
      }
    }
    expect(Object.fromEntries(differing)).toEqual({
      // Corrected once the other feed came.
      'aisix.revision': expect.any(Number),
      // Anthropic counts cached tokens apart; only usage events tell of them, and they belong to the input.
      'gen_ai.usage.input_tokens': 2,
      'aisix.attempt.input_tokens': 2,
      // Endpoints that try once tell of the attempt only in the usage feed (facts K.1).
      'aisix.attempt_count': 7,
      // Guardrails that block behind a 200 are only on usage events.
      'aisix.outcome': 3,
      'aisix.attempt.outcome': 2,
      'aisix.served_model': 2,
      // The protocol, from which the operation follows, is not on spans.
      'gen_ai.operation.name': 3,
    });
  });
});

describe('a story through the whole server', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());

  it('is the same by uploads and once more by telemetry: nothing new, nothing twice', async () => {
    const shift = shiftToNow('story');
    const events = loadEvents('story').map((event) => shiftEvent(event, shift));
    await byUpload(rig, events);
    await rig.settled();
    const before = rig.spans.canonical();
    expect([rig.spans.requests.length, rig.spans.attempts.length]).toEqual([12_827, 12_565]);
    expect(rig.spans.received).toBe(rig.spans.all.length);
    await byTelemetry(rig, 'story', shift);
    await rig.settled();
    expect(rig.spans.received).toBe(rig.spans.all.length);
    expect(rig.spans.canonical()).toEqual(before);
  }, 120_000);

  it('leaves no orphan and no child outside its parent', () => {
    const byId = new Map(rig.spans.all.map((span) => [span.spanId, span]));
    for (const span of rig.spans.all) {
      if (span.kind === 2) continue;
      const parent = byId.get(span.parentSpanId ?? '');
      expect(parent?.traceId).toBe(span.traceId);
      expect(BigInt(span.startTimeUnixNano) >= BigInt(parent?.startTimeUnixNano ?? 0)).toBe(true);
      expect(BigInt(span.endTimeUnixNano) <= BigInt(parent?.endTimeUnixNano ?? 0)).toBe(true);
    }
  });
});
