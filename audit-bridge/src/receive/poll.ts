import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMillis, type Log, type Recorder } from '@aisix-observability/pipeline';
import type { AdaptContext } from '../adapt/adapted.ts';
import type { FeedRef, Observe } from '../model/observation.ts';
import type { Redactor } from '../redact/redactor.ts';
import { AUDIT_METRICS, createFeedJournal } from './feedJournal.ts';
import { authOf, checkedUrl } from './pollAddress.ts';
import { AuditPollError, type AuditPollFault } from './pollFault.ts';
import { fetchPage } from './pollFetch.ts';
import { createPollGap } from './pollGap.ts';
import { createOrder } from './pollOrder.ts';
import { pagesOf } from './pollPages.ts';
import type { PollSource } from './pollSource.ts';
import { loaded, type PollState, type PollStateStore, saved } from './pollState.ts';
import { createRowTaker } from './pollTake.ts';

export interface AuditPollerOptions {
  /** Of the feed: unique within the configuration and stable. */
  readonly name: string;
  /** http or https, without user and password; parameters of its own are kept. */
  readonly url: string;
  readonly token?: string;
  readonly source: PollSource;
  readonly intervalMillis: number;
  /** Rows that come up to so much later than their time are found; default `DEFAULT_OVERLAP_MILLIS`. */
  readonly overlapMillis?: number;
  /** Without an answer for so long, the feed counts as silent; default four intervals, at least a minute. */
  readonly silentAfterMillis?: number;
  /** Epoch milliseconds from which rows are wanted when there is no state yet; absent: from now on. */
  readonly since?: number;
  readonly environment?: string;
  readonly environmentOf: AdaptContext['environmentOf'];
  readonly state: PollStateStore;
  readonly redactor: Redactor;
  readonly observe: Observe;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
  readonly random?: () => number;
  readonly wait?: (millis: number, signal: AbortSignal) => Promise<unknown>;
}

/** Rows are written when a request ends; the longest seen in such logs is minutes. */
export const DEFAULT_OVERLAP_MILLIS = 5 * 60_000;
const MIN_SILENCE_MILLIS = 60_000;
/** A log that fails is asked less and less often, up to this. */
const MAX_PAUSE_MILLIS = 5 * 60_000;

export interface AuditPollResult {
  /** Rows in the pages, and those of them that were new. */
  readonly rows: number;
  readonly taken: number;
  readonly fault?: AuditPollFault;
  readonly retryAfterMillis?: number;
}

export interface AuditPollerHealth {
  readonly state: 'starting' | 'ok' | 'failing' | 'closed';
  readonly fault?: AuditPollFault;
  /** Epoch milliseconds. */
  readonly lastSuccessAt?: number;
  readonly silentSince?: number;
}

export interface AuditPoller {
  /** Polls until closed. */
  start(): void;
  /** Looks once. Never rejects; what went wrong is in the result and in the health. */
  pollOnce(): Promise<AuditPollResult>;
  health(): AuditPollerHealth;
  /** Ends after what is in flight is durable. */
  close(): Promise<void>;
}

/**
 * Polls an audit log over HTTP. Every poll asks from the newest known row less the overlap, so that rows that are
 * written late are found; what is known already changes nothing. The place never lies ahead of the log's own clock.
 *
 * @throws AuditPollerOptionsError
 */
export function createAuditPoller(options: AuditPollerOptions): AuditPoller {
  const { now, log, recorder, source, intervalMillis, state: store, random = Math.random } = options;
  const { overlapMillis = DEFAULT_OVERLAP_MILLIS, wait = (millis, signal) => sleep(millis, undefined, { signal }) } =
    options;
  const url = checkedUrl(options.url);
  const headers = authOf(options.token, source);
  const feed: FeedRef = { type: 'poll', name: options.name };
  const journal = createFeedJournal({ feed, recorder, log, now });
  const rows = createRowTaker({ ...options, feed, journal });
  const gap = createPollGap({
    ...options,
    feed,
    silentAfterMillis: options.silentAfterMillis ?? Math.max(4 * intervalMillis, MIN_SILENCE_MILLIS),
  });
  const stop = new AbortController();
  const { signal } = stop;
  /** The log's own clock with its last answer. */
  let logTime: number | undefined;
  const get = async (page: URL): Promise<unknown> => {
    const got = await fetchPage({ ...source, fetch: options.fetch ?? fetch, url: page, headers, signal, now });
    logTime = got.logTime;
    return got.body;
  };
  let state: PollState | undefined;
  let fault: AuditPollFault | undefined;
  let running: Promise<AuditPollResult> | undefined;
  let looping: Promise<void> | undefined;

  async function readPages(counts: { rows: number; taken: number }): Promise<void> {
    const before = state ?? (await loaded(store));
    gap.startFrom(before?.lastSuccessAt ?? now(), before?.open);
    const begun = before?.readUntil ?? options.since;
    const known = begun ?? now();
    const reached = { newest: known, cursor: source.from === undefined ? before?.cursor : undefined };
    const order = createOrder();
    const keep = async (readUntil: number, lastSuccessAt: number): Promise<void> => {
      const cursor = source.from === undefined && reached.cursor !== undefined ? { cursor: reached.cursor } : {};
      const open = gap.open();
      state = {
        version: 1,
        readUntil: begun === undefined ? present() : Math.min(readUntil, present()),
        lastSuccessAt,
        ...cursor,
        ...(open === undefined ? {} : { open }),
      };
      await saved(store, state);
    };
    const start = reached.cursor === undefined ? {} : { cursor: reached.cursor };
    try {
      for await (const page of pagesOf({ source, url, from: known - overlapMillis, get, ...start })) {
        if (signal.aborted) throw new AuditPollError('closed');
        const taken = await rows.take(page.rows);
        counts.rows += page.rows.length;
        counts.taken += taken.count;
        order.seen(taken.times);
        // A row from the future would leave out those in between.
        reached.newest = taken.times.reduce((newest, at) => Math.max(newest, Math.min(at, present())), reached.newest);
        reached.cursor = page.cursor;
      }
    } catch (error) {
      // What was read in order need not be read again.
      await keep(order.isAscending() ? reached.newest : known, before?.lastSuccessAt ?? now()).catch(() => {});
      throw error;
    }
    await keep(reached.newest, now());
  }

  /**
   * By the log's clock where it tells: if ours were ahead, rows that are yet to come would count as read, and if it
   * were behind, years would be read again.
   */
  function present(): number {
    return logTime ?? now();
  }

  async function tellGap(code: AuditPollFault['code'] | undefined): Promise<void> {
    gap.heard(code);
    await keepGap();
    await gap.tell();
    await keepGap();
  }

  /** What cannot be saved now is saved with the next poll. */
  async function keepGap(): Promise<void> {
    if (state === undefined || state.open === gap.open()) return;
    const { open: _, ...rest } = state;
    const open = gap.open();
    state = { ...rest, ...(open === undefined ? {} : { open }) };
    await saved(store, state).catch(() => {});
  }

  async function once(): Promise<AuditPollResult> {
    const counts = { rows: 0, taken: 0 };
    let failure: AuditPollError | undefined;
    try {
      await readPages(counts);
    } catch (error) {
      failure = error instanceof AuditPollError ? error : unforeseen(error);
    }
    if (signal.aborted) return { ...counts, fault: new AuditPollError('closed').fault };
    recorder.count(AUDIT_METRICS.polls, 1, { feed: feed.name, result: failure?.fault.code ?? 'ok' });
    told(failure?.fault);
    await tellGap(failure?.fault.code);
    if (failure === undefined) return counts;
    const { retryAfterMillis } = failure;
    return { ...counts, fault: failure.fault, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) };
  }

  function unforeseen(error: unknown): AuditPollError {
    // Named by its class: the message of an unforeseen error may quote what was read.
    log('error', 'A poll of an audit log failed.', {
      feed: feed.name,
      error: error instanceof Error ? error.name : '',
    });
    return new AuditPollError('unexpected');
  }

  function told(next: AuditPollFault | undefined): void {
    if (next !== undefined && next.code !== fault?.code) {
      const fields = { feed: feed.name, code: next.code, check: next.message };
      log('warn', 'An audit log cannot be read at the moment; it will be read from where it was left.', fields);
    }
    if (next === undefined && fault !== undefined) log('info', 'An audit log is read again.', { feed: feed.name });
    fault = next;
  }

  function pollOnce(): Promise<AuditPollResult> {
    running ??= once().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function loop(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const result = await pollOnce();
      failures = result.fault === undefined ? 0 : failures + 1;
      const pause = failures === 0 ? intervalMillis : pauseAfter(failures, result.retryAfterMillis ?? 0);
      // Only an abort ends the pause early.
      await wait(pause, signal).catch(() => {});
    }
  }

  function pauseAfter(failures: number, asked: number): number {
    const initialMillis = intervalMillis;
    const maxMillis = Math.max(MAX_PAUSE_MILLIS, intervalMillis);
    return Math.max(backoffMillis(failures, { initialMillis, factor: 2, maxMillis, jitter: 0.2 }, random), asked);
  }

  return {
    start() {
      looping ??= loop();
    },
    pollOnce,
    health: () => ({
      state: signal.aborted ? 'closed' : fault !== undefined ? 'failing' : state === undefined ? 'starting' : 'ok',
      ...(fault === undefined ? {} : { fault }),
      ...(state === undefined ? {} : { lastSuccessAt: state.lastSuccessAt }),
      ...gap.silent(),
    }),
    async close() {
      stop.abort();
      await running;
      await looping;
    },
  };
}
