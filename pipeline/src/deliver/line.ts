import { gzip } from 'node:zlib';
import type { Log } from '../observe/log.ts';
import { backoffMillis, spread } from './backoff.ts';
import type { Clock } from './clock.ts';
import { createGate, type Gate, type Ticket } from './gate.ts';
import { BLOCKED_PROBE_MILLIS, GZIP_LEVEL, REFUSALS_IN_A_ROW, type RetryOptions } from './limits.ts';
import { createOccasionalLog, type OccasionalLog } from './occasionally.ts';
import type { Transport } from './transport.ts';
import { judge, type Verdict } from './verdict.ts';

/** The connection to one backend with its moods: shared by everything that is sent there, new rows and resends. */
export interface Line {
  /** Compresses as the destination wants it. */
  encode(body: Uint8Array): Promise<Uint8Array>;
  /** Waits for the gate; undefined when there will be no leave to send. */
  enter(signal: AbortSignal): Promise<Ticket | undefined>;
  /** Sends once and tells the gate what came of it. */
  send(
    ticket: Ticket,
    body: Uint8Array,
    single: boolean,
    signal: AbortSignal,
  ): Promise<Verdict & { readonly seconds: number }>;
  readonly gate: Gate;
  readonly complain: OccasionalLog;
  readonly lastError: LineError | undefined;
  readonly lastSuccessAt: number | undefined;
  readonly requestsInFlight: number;
}

export interface LineError {
  readonly at: number;
  readonly message: string;
  readonly hint?: string;
}

export interface LineOptions {
  readonly name: string;
  readonly transport: Transport;
  readonly compression: 'gzip' | 'none';
  readonly retry: RetryOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

const REFUSES_EVERYTHING =
  'the backend refuses one row after the other; check protocol, path and headers of this destination';

export function createLine(options: LineOptions): Line {
  const { clock, retry, random } = options;
  const gate = createGate(clock);
  const complain = createOccasionalLog(options.log, clock);
  let lastError: LineError | undefined;
  let lastSuccessAt: number | undefined;
  let requestsInFlight = 0;
  let refusalsInARow = 0;

  const probeWait = () => spread(BLOCKED_PROBE_MILLIS, retry.jitter, random);

  const trouble = (state: 'retrying' | 'blocked', message: string, hint?: string) => {
    lastError = { at: clock.now(), message, ...(hint === undefined ? {} : { hint }) };
    complain(
      state,
      'warn',
      state === 'blocked' ? 'destination is blocked until someone mends it' : 'destination is in trouble',
      {
        destination: options.name,
        error: message,
        ...(hint === undefined ? {} : { hint }),
      },
    );
  };

  const tellGate = (ticket: Ticket, verdict: Verdict, single: boolean) => {
    switch (verdict.kind) {
      case 'aborted':
        return gate.abandoned(ticket);
      case 'retry':
        trouble('retrying', verdict.detail);
        return gate.failed(ticket, 'retrying', (failures) =>
          Math.max(backoffMillis(failures, retry, random), verdict.retryAfterMillis ?? 0),
        );
      case 'blocked':
        trouble('blocked', verdict.detail, verdict.hint);
        return gate.failed(ticket, 'blocked', probeWait);
      case 'refused':
        lastError = {
          at: clock.now(),
          message: verdict.message === undefined ? verdict.detail : `${verdict.detail}: ${verdict.message}`,
        };
        if (single) refusalsInARow += 1;
        if (refusalsInARow < REFUSALS_IN_A_ROW) return gate.passed(ticket);
        trouble('blocked', lastError.message, REFUSES_EVERYTHING);
        return gate.failed(ticket, 'blocked', probeWait);
      case 'too_large':
        return gate.passed(ticket);
      case 'delivered':
        refusalsInARow = 0;
        lastSuccessAt = clock.now();
        return gate.passed(ticket);
    }
  };

  return {
    gate,
    complain,
    encode: (body) => (options.compression === 'gzip' ? compress(body) : Promise.resolve(body)),
    enter: (signal) => gate.enter(signal),
    async send(ticket, body, single, signal) {
      const startedAt = clock.now();
      requestsInFlight += 1;
      try {
        const answer = await options.transport.send(body, signal);
        const verdict = judge(answer, clock.now());
        tellGate(ticket, verdict, single);
        return { ...verdict, seconds: (clock.now() - startedAt) / 1_000 };
      } finally {
        requestsInFlight -= 1;
      }
    },
    get lastError() {
      return lastError;
    },
    get lastSuccessAt() {
      return lastSuccessAt;
    },
    get requestsInFlight() {
      return requestsInFlight;
    },
  };
}

function compress(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(body, { level: GZIP_LEVEL }, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
