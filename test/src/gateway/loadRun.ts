import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { objectName, partitionOf, signUpload, uploadPath } from '../recordings/index.ts';
import { type LoadInput, type LoadTemplate, loadTemplates } from './loadTemplate.ts';

export interface LoadOptions {
  readonly input: LoadInput;
  /** `http://host:port`. */
  readonly baseUrl: string;
  readonly seconds: number;
  readonly connections: number;
  /** Records of one request. */
  readonly batch: number;
  /** Records per second over all connections; absent: each connection sends again as soon as it is answered. */
  readonly rate?: number;
  /** Bearer token of `telemetry` and `otlp`. */
  readonly token?: string;
  readonly environment?: string;
  /** Of `object_store`. */
  readonly upload?: {
    readonly bucket: string;
    readonly prefix: string;
    readonly accessKey: string;
    readonly secret: string;
    readonly region: string;
    /** `gzip` bodies are built and signed before the run, as many as `prebuilt`; the run ends when they are used up. */
    readonly compression: 'gzip' | 'none';
    readonly prebuilt?: number;
  };
  /** Ends the run before its time. */
  readonly ended?: AbortSignal;
  /** 8 hex digits; ids of two runs never meet if it differs. */
  readonly run: string;
}

/** What a load measured. Latencies are milliseconds from the first byte sent to the end of the answer. */
export interface LoadReport {
  readonly input: LoadInput;
  readonly connections: number;
  readonly batch: number;
  readonly seconds: number;
  readonly requests: number;
  readonly ackedEvents: number;
  readonly ackedEventsPerSecond: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Answers other than 2xx by status; `error` counts requests without an answer. */
  readonly failures: Readonly<Record<string, number>>;
  /** How late the last request of a paced load started. */
  readonly behindMs: number;
  /** Processor time of this process, so that one can see that the generator was not the limit. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

interface Shot {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly records: number;
}

/** Body of the next request of one connection; undefined when nothing is left to send. */
type NextShot = (serial: number, now: number) => Shot | undefined | Promise<Shot | undefined>;

/** Bodies per connection: enough variety that nothing compresses or caches better than real traffic would. */
const TEMPLATES_PER_CONNECTION = 8;

/** The newest event of a body is this old, so that its fraction of a second does not lie in the future. */
const AGE_MS = 1_000;

/** Runs a load to its end and reports. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { connections, batch, seconds, rate } = options;
  const { hostname, port } = new URL(options.baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const shots = await prepare(options);
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  let [serial, acked, bytes, behindMs] = [0, 0, 0, 0];
  const pause = rate === undefined ? 0 : (batch / rate) * 1000;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;

  const fire = ({ method, path, headers, body }: Shot) =>
    new Promise<number>((resolve) => {
      const call = request({ agent, hostname, port, method, path, headers }, (reply) => {
        reply.on('error', () => resolve(0));
        reply.on('end', () => resolve(reply.statusCode ?? 0));
        reply.resume();
      });
      call.on('error', () => resolve(0));
      call.end(body);
    });

  const connection = async (next: NextShot) => {
    for (;;) {
      const mine = serial++;
      const due = startedAt + mine * pause;
      const wait = due - performance.now();
      if (due >= endsAt || performance.now() >= endsAt || options.ended?.aborted === true) return;
      if (wait > 1) await delay(wait);
      const shot = await next(mine, Date.now() - AGE_MS);
      if (shot === undefined) return;
      const sentAt = performance.now();
      if (pause > 0) behindMs = sentAt - due;
      const status = await fire(shot);
      latencies.push(performance.now() - sentAt);
      bytes += shot.body.length;
      if (status >= 200 && status < 300) acked += shot.records;
      else failures[status === 0 ? 'error' : status] = (failures[status === 0 ? 'error' : status] ?? 0) + 1;
    }
  };
  await Promise.all(shots.map(connection));
  const elapsed = (performance.now() - startedAt) / 1000;
  agent.destroy();

  const used = process.cpuUsage(cpu);
  const sorted = Float64Array.from(latencies).sort();
  const percentile = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return {
    input: options.input,
    connections,
    batch,
    seconds: round(elapsed),
    requests: latencies.length,
    ackedEvents: acked,
    ackedEventsPerSecond: Math.round(acked / elapsed),
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    max: percentile(1),
    failures,
    behindMs: round(Math.max(0, behindMs)),
    cpuSeconds: round((used.user + used.system) / 1e6),
    megabytes: round(bytes / 1e6),
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

/** One source of bodies per connection, since a template serves one request at a time. */
async function prepare(options: LoadOptions): Promise<NextShot[]> {
  const { input, batch, connections, run, upload } = options;
  const all = loadTemplates(input, batch, TEMPLATES_PER_CONNECTION * connections, run);
  if (upload !== undefined && upload.compression === 'gzip') {
    const pool = await prebuild(options, all);
    return Array.from({ length: connections }, () => () => pool.pop());
  }
  return Array.from({ length: connections }, (_, index) => {
    const own = all.slice(index * TEMPLATES_PER_CONNECTION, (index + 1) * TEMPLATES_PER_CONNECTION);
    let turn = 0;
    return (serial: number, now: number) => {
      const template = own[turn++ % own.length];
      if (template === undefined) return undefined;
      return shotOf(options, template, serial, now);
    };
  });
}

/** Enough for 30 s at 20,000 events/s in batches of 100. */
const PREBUILT_UPLOADS = 6_000;

async function prebuild(options: LoadOptions, templates: readonly LoadTemplate[]): Promise<Shot[]> {
  const pool: Shot[] = [];
  for (let serial = 0; serial < (options.upload?.prebuilt ?? PREBUILT_UPLOADS); serial++) {
    const template = templates[serial % templates.length];
    if (template !== undefined) pool.push(await shotOf(options, template, serial, Date.now() - AGE_MS));
  }
  return pool.reverse();
}

function shotOf(options: LoadOptions, template: LoadTemplate, serial: number, now: number): Shot | Promise<Shot> {
  const plain = template.render(serial, now);
  const { upload, token, environment } = options;
  if (options.input === 'object_store') {
    if (upload === undefined) throw new TypeError('A load on object_store needs a bucket and an access key.');
    const body = upload.compression === 'gzip' ? gzipSync(plain) : plain;
    const partition = partitionOf(new Date(now).toISOString());
    const path = uploadPath(upload.bucket, upload.prefix, partition, objectName(body, upload.compression));
    const host = new URL(options.baseUrl).host;
    return signUpload({ ...upload, url: path, body, date: new Date(), host }).then((headers) => ({
      method: 'PUT',
      path,
      headers,
      body,
      records: template.records,
    }));
  }
  return {
    method: 'POST',
    path: options.input === 'otlp' ? '/v1/traces' : '/dp/telemetry',
    headers: {
      'content-type': 'application/json',
      'content-length': plain.length,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(environment !== undefined && { 'x-aisix-environment': environment }),
    },
    body: plain,
    records: template.records,
  };
}
