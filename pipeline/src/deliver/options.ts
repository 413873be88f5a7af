import type { Log } from '../observe/log.ts';
import type { Recorder } from '../observe/recorder.ts';
import type { Cursors, Stream, StreamRow } from '../stream/stream.ts';
import type { Clock } from './clock.ts';
import type { DeliveryLimits, RetryOptions } from './limits.ts';
import type { SetAside } from './setAside.ts';
import type { Transport } from './transport.ts';

/** What one row of the stream becomes for a destination; `skip` is a short constant reason (`filtered`, `sampled`). */
export type Prepared<Item> = { readonly items: readonly Item[] } | { readonly skip: string };

export interface Endpoint {
  /** The full `http:` or `https:` URL that is posted to, without user name and password. */
  readonly url: string;
  /** Sent to this URL only, with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly compression: 'gzip' | 'none';
  /** Of one request, from connecting to the last byte of the answer. */
  readonly timeoutMillis: number;
  readonly userAgent: string;
  /** PEM texts: authorities to trust instead of the system's, a client certificate and its key. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export interface DestinationOptions<Item> {
  /** Letters, digits, `.`, `_`, `-`, at most 64: it names the cursor `destination:<name>`, a label and a file. */
  readonly name: string;
  readonly stream: Stream;
  /** Where rows are put that `stream` no longer holds, for `refill`; no other destination sends from it meanwhile. */
  readonly refill?: Stream;
  readonly cursors: Cursors;
  /** Where a destination without a cursor begins; `start` unless told. */
  readonly startAt?: 'start' | 'end';
  /** Must give the same items for the same row at any time. If it throws, the row is set aside as `unpreparable`. */
  prepare(row: StreamRow): Prepared<Item>;
  /** The whole body, before compression. If it throws, the rows are tried one by one and the bad one is set aside. */
  serialize(items: readonly Item[]): Uint8Array;
  /** Called with the items of each new request that the backend took, for measuring; resends do not count. */
  onDelivered?(items: readonly Item[]): void;
  readonly endpoint: Endpoint;
  readonly setAside: SetAside;
  readonly limits?: Partial<DeliveryLimits>;
  readonly retry?: Partial<RetryOptions>;
  /** Defaults to node's own http(s) with connections kept alive. */
  readonly transport?: Transport;
  readonly clock?: Clock;
  /** Evenly distributed in [0, 1); spreads the waits. */
  readonly random?: () => number;
  readonly recorder?: Recorder;
  readonly log?: Log;
}
