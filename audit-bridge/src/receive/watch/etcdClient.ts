import * as http from 'node:http';
import * as https from 'node:https';
import { z } from 'zod';
import { SourceError } from './sourceFault.ts';

export interface EtcdConnection {
  /** Of the HTTP gateway: `https://etcd:2379`. */
  readonly url: string;
  /** PEM texts: the authority of the server, and the certificate and key of this client. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly timeoutMillis?: number;
}

export interface EtcdValue {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Of the last change of this key. */
  readonly revision: number;
}

export interface EtcdPage {
  /** Of the whole store. */
  readonly revision: number;
  readonly values: readonly EtcdValue[];
  readonly more: boolean;
}

export interface EtcdRange {
  readonly prefix: string;
  /** The last key of the page before. */
  readonly after: Buffer | undefined;
  /** Of the page before. */
  readonly revision: number | undefined;
  readonly signal: AbortSignal;
}

/** The part of etcd's HTTP gateway that a watcher needs. Everything throws SourceError. */
export interface EtcdClient {
  /** Of the whole store, now: when it is the same, nothing changed anywhere. */
  revision(prefix: string, signal: AbortSignal): Promise<number>;
  range(range: EtcdRange): Promise<EtcdPage>;
  close(): void;
}

/** A gateway's whole configuration, many times over. */
export const MAX_KEYS = 100_000;
/** Keys of one answer. */
const PAGE_KEYS = 500;
/** etcd takes values up to 1.5 MiB; base64 adds a third. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT_MILLIS = 10_000;
/** Of the gateway, as of gRPC: a page asked of a revision that is gone by now. */
const OUT_OF_RANGE = 11;

/** 64-bit numbers are texts in protobuf's JSON. */
const whole = z.union([
  z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number),
  z.number().int().nonnegative(),
]);

const page = z.object({
  header: z.object({ revision: whole }),
  kvs: z
    .array(z.object({ key: z.base64(), value: z.base64().default(''), mod_revision: whole }))
    .max(PAGE_KEYS)
    .default([]),
  more: z.boolean().default(false),
});

/** @throws TypeError when the URL is none. */
export function createEtcdClient({
  url,
  tls = {},
  timeoutMillis = DEFAULT_TIMEOUT_MILLIS,
}: EtcdConnection): EtcdClient {
  const endpoint = new URL('/v3/kv/range', url);
  const isSecure = endpoint.protocol === 'https:';
  const agent = isSecure ? new https.Agent({ keepAlive: true, ...tls }) : new http.Agent({ keepAlive: true });

  async function ask(question: object, signal: AbortSignal): Promise<EtcdPage> {
    const limit = AbortSignal.timeout(timeoutMillis);
    const answer = await post(JSON.stringify(question), AbortSignal.any([signal, limit])).catch((error: unknown) => {
      if (error instanceof SourceError) throw error;
      if (limit.aborted) throw new SourceError('etcd_timeout', 'etcd did not answer in time', true);
      const { code } = error as NodeJS.ErrnoException;
      const named = code === undefined ? '' : ` (${code})`;
      throw new SourceError('etcd_unreachable', `etcd cannot be reached${named}: check address and certificates`, true);
    });
    return pageOf(answer);
  }

  function post(body: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const request = (isSecure ? https : http).request(
        endpoint,
        { method: 'POST', agent, signal, headers: { 'content-type': 'application/json' } },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
            else request.destroy(new SourceError('etcd_too_large', `expected at most ${MAX_ANSWER_BYTES} bytes`));
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
          );
          response.on('error', reject);
          response.on('close', () => {
            if (!response.complete) reject(new SourceError('etcd_unreachable', 'etcd hung up', true));
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  return {
    async revision(prefix, signal) {
      const { revision } = await ask({ ...rangeOf(prefix), limit: '1', keys_only: true }, signal);
      return revision;
    },
    range: ({ prefix, after, revision, signal }) =>
      ask(
        {
          ...rangeOf(prefix),
          ...(after === undefined ? {} : { key: base64(Buffer.concat([after, Buffer.from([0])])) }),
          ...(revision === undefined ? {} : { revision: String(revision) }),
          limit: String(PAGE_KEYS),
        },
        signal,
      ),
    close: () => agent.destroy(),
  };
}

function pageOf({ status, text }: { readonly status: number; readonly text: string }): EtcdPage {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    found = undefined;
  }
  if (status !== 200) throw refusal(status, found);
  const parsed = page.safeParse(found);
  if (!parsed.success) throw new SourceError('etcd_invalid', "expected the answer of etcd's /v3/kv/range", true);
  const { header, kvs, more } = parsed.data;
  return {
    revision: header.revision,
    values: kvs.map(({ key, value, mod_revision }) => ({
      key: Buffer.from(key, 'base64'),
      value: Buffer.from(value, 'base64'),
      revision: mod_revision,
    })),
    more,
  };
}

function refusal(status: number, found: unknown): SourceError {
  const { code } = (found ?? {}) as { readonly code?: unknown };
  if (code === OUT_OF_RANGE) {
    return new SourceError('etcd_compacted', 'the revision was compacted while it was read', true);
  }
  if (status === 401 || status === 403) {
    return new SourceError('etcd_forbidden', `found HTTP status ${status}: this client may not read the prefix`);
  }
  return new SourceError('etcd_refused', `found HTTP status ${status}, expected 200`, true);
}

/** From the prefix to the first key that does not begin with it. */
function rangeOf(prefix: string): { readonly key: string; readonly range_end: string } {
  const start = Buffer.from(prefix);
  const end = Buffer.from(start);
  // The last byte is the slash that the prefix ends with, so that it can always be counted up.
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return { key: base64(start), range_end: base64(end) };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
