import { setTimeout as delay } from 'node:timers/promises';
import {
  createGatewaySimulator,
  createHttpSend,
  createRandom,
  type Mix,
  otlpTraces,
  type SimulatedRequest,
  type UsageRecord,
} from '../gateway/index.ts';
import {
  encodeObject,
  encodeUsageEvent,
  objectName,
  partitionOf,
  RECORDED_OTLP_TOKEN,
  RECORDED_SIGNING,
  signUpload,
  uploadPath,
} from '../recordings/index.ts';
import { AckBook } from './ackBook.ts';
import { BUCKET, TELEMETRY_TOKEN } from './faultRig.ts';

export interface TrafficOptions {
  readonly seed: number;
  /** Requests of callers per second; each makes one to five records, and each record goes to both feeds. */
  readonly rate: number;
  /** Where the server listens at the moment; undefined while it does not. */
  readonly ingest: () => string | undefined;
  readonly mix?: Mix;
  /** Deliveries on their way at the same time. */
  readonly senders?: number;
  readonly recordsPerDelivery?: number;
  /** Epoch milliseconds as the gateway sees it. */
  readonly now?: () => number;
}

/** Traffic of a gateway whose exporters never give up: what is not acknowledged is sent again until it is. */
export interface Traffic extends AsyncDisposable {
  readonly acked: AckBook;
  /** Answers other than 2xx by status; `0` counts requests without an answer. */
  readonly refusals: ReadonlyMap<number, number>;
  /** `Retry-After` of the answers 503. */
  readonly retryAfters: readonly string[];
  /** Deliveries that wait to be acknowledged. */
  readonly waiting: number;
  /** Makes no new requests, and resolves when everything that was made is acknowledged. */
  finish(timeoutMillis?: number): Promise<void>;
  /** Stops at once, whatever was not acknowledged. */
  stop(): Promise<void>;
}

interface Parcel {
  readonly records: readonly UsageRecord[];
  readonly input: 'object_store' | 'telemetry' | 'otlp';
}

/** Simulated requests end in the future of their start; this much earlier, all their records are in the past. */
const STARTED_BEFORE_MILLIS = 10_000;
const TICK_MILLIS = 25;
/** Between two tries of one delivery: short, so that a server that is back is under load at once. */
const RETRY_MILLIS = 50;
/** A share of what was acknowledged goes again, as after a lost answer. */
const REPEATED_SHARE = 0.03;

/** Of some requests only one feed tells, as where an exporter gave up: what is lost of that one, nobody else makes good. */
const FEEDS = [
  ['both', 6],
  ['usage', 3],
  ['span', 1],
] as const;

export function startTraffic(options: TrafficOptions): Traffic {
  const { rate, ingest, senders = 8, recordsPerDelivery = 20, now = Date.now } = options;
  const random = createRandom(options.seed);
  const simulator = createGatewaySimulator({
    seed: options.seed,
    ratePerSecond: rate,
    now: () => now() - STARTED_BEFORE_MILLIS,
    ...(options.mix !== undefined && { mix: options.mix }),
  });
  const http = createHttpSend({ connections: senders, timeoutMs: 20_000 });
  const acked = new AckBook();
  const refusals = new Map<number, number>();
  const retryAfters: string[] = [];
  const queue: Parcel[] = [];
  let underWay = 0;
  let making = true;
  let stopped = false;
  let open: { usage: UsageRecord[]; spans: UsageRecord[] } = { usage: [], spans: [] };

  const flush = () => {
    const { usage, spans } = open;
    if (usage.length > 0) queue.push({ records: usage, input: random.chance(0.5) ? 'object_store' : 'telemetry' });
    if (spans.length > 0) queue.push({ records: spans, input: 'otlp' });
    open = { usage: [], spans: [] };
  };
  const take = (request: SimulatedRequest) => {
    acked.know(request.truth);
    const feeds = random.weighted(FEEDS);
    for (const record of request.records) {
      if (feeds !== 'span') open.usage.push(record);
      if (feeds !== 'usage' && record.spans.length > 0) open.spans.push(record);
      // Deliveries end in the middle of requests, as they do where a second ends.
      if (Math.max(open.usage.length, open.spans.length) >= recordsPerDelivery) flush();
    }
  };
  const make = async () => {
    while (making) {
      for (const request of simulator.until(now() - STARTED_BEFORE_MILLIS)) take(request);
      flush();
      await delay(TICK_MILLIS);
    }
  };

  const post = async (parcel: Parcel, baseUrl: string): Promise<boolean> => {
    const call = await callOf(parcel, baseUrl, now());
    const reply = await http.send({ baseUrl, ...call }).catch(() => undefined);
    const status = reply?.status ?? 0;
    if (status >= 200 && status < 300) return true;
    refusals.set(status, (refusals.get(status) ?? 0) + 1);
    if (status === 503) retryAfters.push(String(reply?.headers['retry-after']));
    else if (status !== 0 && status !== 500) throw new Error(`${parcel.input} answered ${status}: ${reply?.body}`);
    return false;
  };
  const send = async () => {
    while (!stopped) {
      const parcel = queue.shift();
      if (parcel === undefined) {
        await delay(TICK_MILLIS);
        continue;
      }
      underWay++;
      try {
        for (;;) {
          const baseUrl = ingest();
          if (baseUrl !== undefined && (await post(parcel, baseUrl))) break;
          if (stopped) return;
          await delay(RETRY_MILLIS);
        }
        acked.acknowledged(parcel.records, parcel.input === 'otlp' ? 'span' : 'usage');
        if (random.chance(REPEATED_SHARE)) queue.push(parcel);
      } finally {
        underWay--;
      }
    }
  };
  const running = Promise.all([make(), ...Array.from({ length: senders }, send)]);
  // Whoever finishes or stops hears of it.
  running.catch(() => {
    stopped = true;
  });

  const stop = async () => {
    making = false;
    stopped = true;
    http.close();
    await running;
  };
  return {
    acked,
    refusals,
    retryAfters,
    get waiting() {
      return queue.length + underWay;
    },
    async finish(timeoutMillis = 60_000) {
      making = false;
      const deadline = performance.now() + timeoutMillis;
      while (queue.length + underWay + open.usage.length + open.spans.length > 0 && !stopped) {
        if (performance.now() > deadline) throw new Error(`${queue.length + underWay} deliveries were never taken`);
        await delay(TICK_MILLIS);
      }
      await stop();
    },
    stop,
    [Symbol.asyncDispose]: () => stop().catch(() => {}),
  };
}

async function callOf({ records, input }: Parcel, baseUrl: string, now: number) {
  const events = records.map(({ event }) => event);
  if (input === 'object_store') {
    const body = encodeObject(events);
    const partition = partitionOf(events[0]?.occurred_at ?? '');
    const path = uploadPath(BUCKET.bucket, BUCKET.prefix, partition, objectName(body));
    const host = new URL(baseUrl).host;
    const headers = await signUpload({ url: path, body, ...RECORDED_SIGNING, date: new Date(now), host });
    return { method: 'PUT', path, headers, body } as const;
  }
  const json = { 'content-type': 'application/json' };
  if (input === 'otlp') {
    const body = JSON.stringify(otlpTraces(records.flatMap(({ spans }) => spans)));
    const headers = { ...json, authorization: `Bearer ${RECORDED_OTLP_TOKEN}` };
    return { method: 'POST', path: '/v1/traces', headers, body } as const;
  }
  const body = `{"events":[${events.map(encodeUsageEvent).join()}]}`;
  const headers = { ...json, authorization: `Bearer ${TELEMETRY_TOKEN}`, 'x-aisix-environment': 'prod' };
  return { method: 'POST', path: '/dp/telemetry', headers, body } as const;
}
