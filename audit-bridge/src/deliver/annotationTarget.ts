import {
  backoffMillis,
  type Clock,
  createGate,
  createOccasionalLog,
  type Labels,
  type Log,
  type Recorder,
  type RetryOptions,
} from '@aisix-observability/pipeline';
import type { Annotation, AnnotationDriver, Outcome } from './annotationDriver.ts';
import { ANNOTATION_METRICS } from './annotationMetrics.ts';
import { TAGS_JSON_BYTES } from './annotationTags.ts';
import { type Drawn, drawMarker } from './drawMarker.ts';
import { gatedDriver } from './gatedDriver.ts';
import { IN_FLIGHT, POLL_MILLIS } from './limits.ts';
import type { MarkerBook } from './markerBook.ts';
import type { Marker } from './markerContent.ts';
import type { OutboxItem } from './outbox.ts';
import type { OutputTest } from './outputTest.ts';
import { probeTarget, sweepProbe } from './probe.ts';
import { noCounts, STATE_NUMBERS, type TargetHealth, type TargetState } from './targetHealth.ts';
import { testTarget } from './testTarget.ts';

export interface AnnotationTargetOptions {
  readonly name: string;
  readonly origin: string;
  readonly orgId?: number;
  readonly driver: AnnotationDriver;
  readonly book: MarkerBook;
  readonly content: (marker: Marker, tagBytes: number) => Annotation;
  readonly probeId: string;
  /** The same of tests that somebody asks for. */
  readonly testId: string;
  readonly recheckMillis: number;
  readonly retry: RetryOptions;
  readonly blockedMillis: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly recorder: Recorder;
}

/** Draws what the book has for one target, a few markers at a time and each marker by one request at a time. */
export interface AnnotationTarget {
  wake(): void;
  health(): TargetHealth;
  /** Creates, reads, moves and deletes an annotation of 2001, now and once, whatever the state. */
  test(deadlineMillis: number): Promise<OutputTest>;
  /** Starts nothing new; ends what is under way, at most so late. */
  close(deadlineMillis: number): Promise<void>;
}

/** Fewer bytes of tags than these hold nothing but what every marker needs. */
const LEAST_TAG_BYTES = 60;

export function startAnnotationTarget(options: AnnotationTargetOptions): AnnotationTarget {
  const { name, book, clock, random, recorder } = options;
  const labels: Labels = { target: name };
  const complain = createOccasionalLog(options.log, clock);
  const gate = createGate(clock);
  const calls = new AbortController();
  const running = new Map<string, Promise<void>>();
  const counts = noCounts();
  let lastError: TargetHealth['lastError'];
  let lastSuccessAt: number | undefined;
  let probed = false;
  let misplaced = false;
  let sweepAt = Number.POSITIVE_INFINITY;
  let stopped = false;
  let tagBytes = TAGS_JSON_BYTES;
  let cancelTimer: (() => void) | undefined;

  const on = (event: keyof typeof counts): void => {
    counts[event] += 1;
    recorder.count(ANNOTATION_METRICS[event], 1, labels);
  };
  const wentWrong = (message: string, hint?: string): void => {
    lastError = { at: clock.now(), message, ...(hint !== undefined && { hint }) };
  };
  const driver = gatedDriver({
    driver: options.driver,
    gate,
    retry: options.retry,
    blockedMillis: options.blockedMillis,
    random,
    on(outcome) {
      if (outcome.kind === 'done') lastSuccessAt = clock.now();
      else if (outcome.kind === 'failed' || outcome.kind === 'blocked') explain(outcome);
    },
  });

  function explain(outcome: Extract<Outcome<never>, { kind: 'failed' | 'blocked' | 'refused' }>): void {
    const hint = outcome.kind === 'blocked' ? outcome.hint : undefined;
    wentWrong(outcome.message, hint);
    complain(outcome.kind, outcome.kind === 'failed' ? 'warn' : 'error', SAYS[outcome.kind], {
      ...labels,
      said: outcome.message,
      ...(hint !== undefined && { hint }),
    });
    if (outcome.kind === 'failed') on('retried');
  }

  async function probe(): Promise<void> {
    const outcome = await probeTarget({
      driver,
      probeId: options.probeId,
      signal: calls.signal,
      ...(options.orgId !== undefined && { orgId: options.orgId }),
    });
    probed = outcome.kind === 'done';
    if (probed) sweepAt = clock.now() + options.recheckMillis;
    // The gate knows nothing of answers that were given and were wrong.
    misplaced = outcome.kind === 'blocked' && gate.state === 'open';
    if (outcome.kind === 'blocked' || outcome.kind === 'refused') explain(outcome);
    if (outcome.kind === 'missing') wentWrong('an annotation that was just created is gone');
  }

  /** Once, as with markers: what the probe had given up on may have been stored since. */
  async function sweep(): Promise<void> {
    const outcome = await sweepProbe({ driver, probeId: options.probeId, signal: calls.signal });
    if (outcome.kind === 'done') sweepAt = Number.POSITIVE_INFINITY;
  }

  async function draw(item: OutboxItem): Promise<void> {
    const marker = book.markerAt(name, item.marker);
    if (marker === undefined) {
      book.finish(name, item.marker, 0, { attempted: false });
      return;
    }
    const drawn = await drawMarker(marker, item, {
      driver,
      content: () => options.content(marker, tagBytes),
      shorten() {
        if (tagBytes < LEAST_TAG_BYTES) return false;
        tagBytes = Math.floor(tagBytes / 2);
        complain('tags', 'warn', 'Grafana takes fewer characters of tags than it does by default', labels);
        return true;
      },
      attempt: () => book.note(name, item.marker, { attempted: true }),
      on,
      now: () => clock.now(),
      recheckMillis: options.recheckMillis,
      signal: calls.signal,
    });
    end(item, marker.revision, drawn);
  }

  function end(item: OutboxItem, revision: number, drawn: Drawn): void {
    if (drawn.kind === 'done') {
      if (!drawn.storedAsSent) wentWrong('an annotation reads back otherwise than it was written');
      book.finish(name, item.marker, revision, drawn.state);
    } else if (drawn.kind === 'refused') {
      on('refused');
      explain(drawn);
      book.finish(name, item.marker, revision, drawn.state);
    } else {
      // The others first: the fault may be with this marker alone.
      const wait = drawn.kind === 'aborted' ? 0 : backoffMillis(item.failures + 1, options.retry, random);
      book.postpone(name, item.marker, clock.now() + Math.round(wait), drawn.state);
    }
  }

  function run(key: string, work: () => Promise<void>, after?: () => number): void {
    const done = work()
      .catch((error: unknown) => {
        wentWrong('a marker could not be drawn');
        complain('draw', 'error', 'A marker could not be drawn, trying again', { ...labels, error });
        return POLL_MILLIS;
      })
      .then((pause) => {
        running.delete(key);
        schedule(pause ?? after?.() ?? 0);
      });
    running.set(key, done);
  }

  function schedule(millis: number): void {
    if (stopped) return;
    cancelTimer?.();
    cancelTimer = clock.after(millis, pump);
  }

  function pump(): void {
    if (stopped) return;
    if (!probed) {
      // A gate that is not open makes the next probe wait by itself.
      const pause = () => (probed ? 0 : gate.state === 'open' ? options.blockedMillis : POLL_MILLIS);
      if (!running.has(PROBE)) run(PROBE, probe, pause);
      return;
    }
    if (sweepAt <= clock.now() && !running.has(PROBE)) run(PROBE, sweep);
    for (const item of book.due(name, IN_FLIGHT + running.size)) {
      if (running.size >= IN_FLIGHT) return;
      if (!running.has(item.marker)) run(item.marker, () => draw(item));
    }
    const next = book.nextDue(name) ?? Number.POSITIVE_INFINITY;
    if (running.size === 0) schedule(Math.min(Math.max(next - clock.now(), 1), POLL_MILLIS));
  }

  function state(): TargetState {
    if (misplaced) return 'blocked';
    if (gate.state !== 'open') return gate.state;
    return probed ? 'ok' : 'probing';
  }

  function health(): TargetHealth {
    const { count, oldestAt } = book.waiting(name);
    const now = state();
    recorder.gauge(ANNOTATION_METRICS.state, STATE_NUMBERS[now], labels);
    recorder.gauge(ANNOTATION_METRICS.waiting, count, labels);
    const age = oldestAt === undefined ? 0 : Math.max(clock.now() - oldestAt, 0) / 1_000;
    recorder.gauge(ANNOTATION_METRICS.waitingSeconds, age, labels);
    return {
      name,
      origin: options.origin,
      state: now,
      waiting: count,
      counts: { ...counts },
      ...(oldestAt !== undefined && { oldestAt }),
      ...(lastError !== undefined && { lastError }),
      ...(lastSuccessAt !== undefined && { lastSuccessAt }),
      ...(gate.nextTryAt !== undefined && { nextTryAt: gate.nextTryAt }),
    };
  }

  pump();
  let lastHealth: TargetHealth | undefined;

  return {
    wake: pump,
    test: (deadlineMillis) => testTarget({ ...options, probeId: options.testId, stop: calls.signal, deadlineMillis }),
    // The book may be closed, and status is still asked for.
    health: () => lastHealth ?? health(),
    async close(deadlineMillis) {
      stopped = true;
      cancelTimer?.();
      gate.shut();
      const cancel = clock.after(deadlineMillis, () => calls.abort());
      await Promise.all(running.values());
      cancel();
      calls.abort();
      lastHealth ??= health();
    },
  };
}

/** A key that no marker has. */
const PROBE = 'probe';

const SAYS = {
  failed: 'A target of annotations is in trouble, trying again',
  blocked: 'A target of annotations refuses until somebody mends it',
  refused: 'A target of annotations refuses a marker for good',
} as const;
