import type { EvidenceStore, GatewayRequest } from '@aisix-observability/evidence';
import { createMemoryStore } from '@aisix-observability/evidence/testing';
import { type Log, type Recorder, silentLog, silentRecorder } from '@aisix-observability/pipeline';
import {
  createRequestsApi,
  type IdentityEnv,
  type MarkerSource,
  type Reader,
  type RunLimits,
} from '@aisix-observability/server';
import { Hono } from 'hono';
import { hash } from './drivers.ts';
import { ENVIRONMENTS, VIEWER } from './readers.ts';

export interface ApiRigOptions {
  readonly store?: EvidenceStore;
  readonly limits?: Partial<RunLimits>;
  readonly queryTimeoutMillis?: number;
  readonly markers?: MarkerSource;
  readonly now?: () => number;
  readonly recorder?: Recorder;
  readonly log?: Log;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface SearchAnswer {
  readonly requests: readonly GatewayRequest[];
  readonly nextCursor?: string;
  readonly stats: object;
}

export interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** The query API over a store, with whoever a test wants as the reader. */
export class ApiRig {
  readonly store: EvidenceStore;
  /** What the server mounts. */
  readonly api: Hono<IdentityEnv>;
  readonly app: Hono<IdentityEnv>;
  readonly stop: () => void;
  readonly #listeners = new Set<() => void>();
  #reader: Reader = VIEWER;
  #seq: number;

  constructor(options: ApiRigOptions = {}) {
    this.store = options.store ?? createMemoryStore({ hash });
    this.#seq = this.store.position();
    const { limits, markers } = options;
    const api = createRequestsApi({
      store: this.store,
      onApplied: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      environments: ENVIRONMENTS,
      queryTimeoutMillis: options.queryTimeoutMillis ?? 60_000,
      now: options.now ?? Date.now,
      recorder: options.recorder ?? silentRecorder,
      log: options.log ?? silentLog,
      ...(limits && { limits }),
      ...(markers && { markers }),
    });
    this.api = api.app;
    this.app = new Hono<IdentityEnv>();
    this.app.use(async (c, next) => {
      c.set('reader', this.#reader);
      await next();
    });
    this.app.route('/', api.app);
    this.stop = api.stop;
  }

  /** Those who listen for stored requests: each open tail is one. */
  get listeners(): number {
    return this.#listeners.size;
  }

  async apply(requests: readonly GatewayRequest[]): Promise<void> {
    const versions = requests.map((request) => {
      this.#seq += 1;
      return { seq: this.#seq, json: JSON.stringify(request) };
    });
    await this.store.apply(versions, this.#seq);
    for (const listener of this.#listeners) listener();
  }

  async send(path: string, body: unknown, { reader = VIEWER, headers = {}, signal }: SendOptions = {}) {
    this.#reader = reader;
    return this.app.request(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
      ...(signal && { signal }),
    });
  }

  async post<Body = Refusal>(path: string, body: unknown, options: SendOptions = {}): Promise<Answer<Body>> {
    return read(await this.send(path, body, options));
  }

  async get<Body = Refusal>(path: string, reader: Reader = VIEWER): Promise<Answer<Body>> {
    this.#reader = reader;
    return read(await this.app.request(path));
  }
}

export interface SendOptions {
  readonly reader?: Reader;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function read<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as Body };
}
