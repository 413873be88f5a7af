import type { GatewayRequest } from '@aisix-observability/evidence';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttemptReport, Delivery, InputName, SpanReport, UsageReport } from '../report.ts';
import { Assembler, type ExportedVersion, FEED_ALIVE_MILLIS, SHOW_OPEN_AFTER_MILLIS } from './assembler.ts';
import { DEFAULT_PATIENCE } from './completeness.ts';

const T0 = Date.UTC(2026, 10, 23, 12, 0, 0);
/** The design's ten minutes, in words of its own: a changed constant has to show. */
const WINDOW_GAP_MILLIS = 10 * 60_000;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

function usage(fields: Partial<UsageReport> = {}): UsageReport {
  return {
    feed: 'usage',
    requestId: 'req-1',
    traceId: TRACE,
    occurredAt: T0,
    attemptIndex: 0,
    attemptKind: 'initial',
    statusCode: 200,
    upstreamLatencyMs: 400,
    modelId: 'm-1',
    apiKeyId: 'k-1',
    requestedModel: 'smart',
    ...fields,
  };
}

function serverSpan(fields: Partial<SpanReport> = {}): SpanReport {
  return {
    feed: 'span',
    requestId: 'req-1',
    traceId: TRACE,
    spanId: 'a5a5a5a5a5a5a5a5',
    role: 'server',
    startTime: T0 - 500.25,
    endTime: T0 + 120.5,
    statusCode: 200,
    ...fields,
  };
}

function attemptSpan(fields: Partial<SpanReport> = {}): SpanReport {
  return serverSpan({
    spanId: 'c7c7c7c7c7c7c7c7',
    role: 'client',
    attemptIndex: 0,
    attemptKind: 'initial',
    startTime: T0 - 400,
    endTime: T0 + 100,
    ...fields,
  });
}

/** An assembler with a stream of requests in memory, and a clock that the test moves. */
class Bench {
  readonly versions = new Map<string, ExportedVersion[]>();
  readonly emitted: GatewayRequest[] = [];
  assembler = this.#make();
  now = T0 + 1_000;
  seq = 0;
  resumeAfter = 0;

  #make(): Assembler {
    return new Assembler({ exportedVersions: (text) => this.versions.get(text) ?? [] });
  }

  restart(): void {
    this.assembler = this.#make();
  }

  deliver(reports: readonly AttemptReport[], input: InputName = 'object_store', dataPlane?: string): void {
    const delivery: Delivery = {
      input,
      environment: 'prod',
      receivedAt: this.now,
      reports,
      ...(dataPlane !== undefined && { dataPlane }),
    };
    this.assembler.add(++this.seq, delivery);
  }

  step(): GatewayRequest[] {
    const step = this.assembler.step(this.now);
    for (const { keyText, payload, memo } of step.emissions) {
      if (memo !== undefined) this.versions.set(keyText, [...(this.versions.get(keyText) ?? []), { payload, memo }]);
    }
    this.assembler.committed();
    this.resumeAfter = step.resumeAfter;
    const requests = step.emissions.map(({ payload }) => JSON.parse(payload) as GatewayRequest);
    this.emitted.push(...requests);
    return requests;
  }

  wait(millis: number): GatewayRequest[] {
    this.now += millis;
    return this.step();
  }

  /** Newest final version of every request, without what depends on the order of arrival: its revision and number. */
  settled(): string[] {
    const newest = new Map<string, string>();
    for (const request of this.emitted) {
      if (request.state !== 'final') continue;
      const { revision: _, n: __, ...rest } = request;
      newest.set(`${request.requestId} ${request.traceId} ${request.n}`, JSON.stringify(rest));
    }
    return [...newest.values()].sort();
  }
}

describe('when a request is final', () => {
  it('is at once, when the only live feed has told everything', () => {
    const bench = new Bench();
    bench.deliver([usage()]);
    expect(bench.step()).toMatchObject([{ requestId: 'req-1', state: 'final', revision: 0, outcome: 'success' }]);
    expect(bench.assembler.openRequests).toBe(0);
  });

  it('waits for the span feed while that is alive, and shows the request as open meanwhile', () => {
    const bench = new Bench();
    bench.deliver([serverSpan({ requestId: 'other' })], 'otlp');
    bench.step();
    bench.deliver([usage()]);
    expect(bench.step()).toEqual([]);
    expect(bench.wait(SHOW_OPEN_AFTER_MILLIS)).toMatchObject([{ requestId: 'req-1', state: 'open' }]);
    expect(bench.wait(SHOW_OPEN_AFTER_MILLIS)).toEqual([]);
    bench.deliver([serverSpan(), attemptSpan()], 'otlp');
    expect(bench.step()).toMatchObject([{ requestId: 'req-1', state: 'final', revision: 0, timing: 'measured' }]);
  });

  it('gives the span feed up after its grace', () => {
    const bench = new Bench();
    bench.deliver([serverSpan({ requestId: 'other' })], 'otlp');
    bench.step();
    bench.deliver([usage()]);
    expect(bench.wait(DEFAULT_PATIENCE.feedGraceMillis - 1).filter((request) => request.state === 'final')).toEqual([]);
    expect(bench.wait(1)).toMatchObject([{ requestId: 'req-1', state: 'final', timing: 'reconstructed' }]);
  });

  it('does not wait for a feed that fell silent, nor for spans of archived events', () => {
    const bench = new Bench();
    bench.deliver([serverSpan({ requestId: 'other' })], 'otlp');
    bench.step();
    bench.deliver([usage({ requestId: 'old', occurredAt: T0 - 86_400_000 })], 'archive');
    expect(bench.step()).toMatchObject([{ requestId: 'old', state: 'final' }]);
    bench.wait(FEED_ALIVE_MILLIS + 1);
    bench.deliver([usage({ occurredAt: bench.now - 1_000 })]);
    expect(bench.step()).toMatchObject([{ requestId: 'req-1', state: 'final' }]);
  });

  it('holds a request whose attempts all failed for a winner, then lets it go', () => {
    const bench = new Bench();
    bench.deliver([usage({ statusCode: 502, errorClass: 'upstream_status', attemptModel: 'a' })]);
    expect(bench.step()).toEqual([]);
    expect(bench.wait(SHOW_OPEN_AFTER_MILLIS)).toMatchObject([{ state: 'open', outcome: 'provider_error' }]);
    expect(bench.wait(DEFAULT_PATIENCE.failedGraceMillis)).toMatchObject([
      { state: 'final', status: 502, revision: 0 },
    ]);
  });

  it('corrects it under the same number when the winner comes minutes later', () => {
    const bench = new Bench();
    bench.deliver([usage({ statusCode: 502, errorClass: 'upstream_status', attemptModel: 'a' })]);
    bench.wait(DEFAULT_PATIENCE.failedGraceMillis);
    bench.wait(180_000);
    bench.deliver([usage({ attemptIndex: 1, attemptKind: 'fallback', attemptModel: 'b', occurredAt: T0 + 190_000 })]);
    expect(bench.step()).toMatchObject([
      {
        n: 0,
        revision: 1,
        state: 'final',
        outcome: 'success',
        servedModel: 'b',
        attempts: [{ index: 0 }, { index: 1 }],
      },
    ]);
    expect(bench.assembler.counts.corrected).toBe(1);
  });

  it('waits for an attempt that the terminal event says must exist', () => {
    const bench = new Bench();
    bench.deliver([usage({ attemptIndex: 1, attemptKind: 'fallback' })]);
    expect(bench.step()).toEqual([]);
    bench.deliver([usage({ statusCode: 502, errorClass: 'transport' })]);
    expect(bench.step()).toMatchObject([
      { state: 'final', outcome: 'success', attempts: [{ index: 0 }, { index: 1 }] },
    ]);
  });
});

describe('what comes again', () => {
  it('changes nothing when it says the same, also after a restart', () => {
    const bench = new Bench();
    bench.deliver([usage()]);
    bench.step();
    bench.deliver([usage()], 'archive');
    expect(bench.wait(60_000)).toEqual([]);
    bench.restart();
    bench.deliver([usage()], 'follow_bucket');
    expect(bench.wait(60_000)).toEqual([]);
    expect(bench.assembler.counts.duplicates).toBe(1);
    expect(bench.assembler.openRequests).toBe(0);
  });

  it('corrects an exported request when the other feed comes late, also after a restart', () => {
    const bench = new Bench();
    bench.deliver([usage()]);
    bench.step();
    bench.restart();
    bench.deliver([serverSpan({ parentSpanId: '00f067aa0ba902b7' }), attemptSpan()], 'otlp');
    bench.step();
    const [corrected] = bench.wait(DEFAULT_PATIENCE.feedGraceMillis);
    expect(corrected ?? bench.emitted.at(-1)).toMatchObject({
      revision: 1,
      timing: 'measured',
      startTime: T0 - 500.25,
      parent: { spanId: '00f067aa0ba902b7' },
    });
  });

  it('counts a contradiction and keeps the same value whichever came first', () => {
    const results = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((order) => {
      const bench = new Bench();
      bench.deliver(order.map((finishReason) => usage({ finishReason })));
      bench.step();
      expect(bench.assembler.counts.conflicts).toBe(1);
      return bench.settled();
    });
    expect(results[0]).toEqual(results[1]);
  });
});

describe('ids used again', () => {
  it('makes another request when the gap is longer than ten minutes', () => {
    const bench = new Bench();
    bench.deliver([usage()]);
    bench.step();
    bench.now += WINDOW_GAP_MILLIS + 2_000;
    bench.deliver([usage({ occurredAt: T0 + WINDOW_GAP_MILLIS + 1_000 })]);
    expect(bench.step()).toMatchObject([{ n: 1, revision: 0, state: 'final' }]);
    bench.restart();
    bench.deliver([usage()], 'archive');
    expect(bench.wait(60_000)).toEqual([]);
  });

  it('numbers requests in order of event time when they are due together', () => {
    const bench = new Bench();
    bench.deliver([usage({ occurredAt: T0 + 2 * WINDOW_GAP_MILLIS }), usage()], 'archive');
    bench.step();
    expect(bench.emitted.map(({ n, startTime }) => [n, startTime < T0 + WINDOW_GAP_MILLIS]).sort()).toEqual([
      [0, true],
      [1, false],
    ]);
  });

  it('is the same request up to a gap of exactly ten minutes', () => {
    const bench = new Bench();
    bench.deliver([usage(), usage({ attemptIndex: 1, occurredAt: T0 + WINDOW_GAP_MILLIS })], 'archive');
    bench.wait(60_000);
    expect(bench.settled()).toHaveLength(1);
  });

  it('is one request when a report bridges two halves that nobody has seen yet', () => {
    const bench = new Bench();
    const failed = { statusCode: 502, errorClass: 'upstream_status' } as const;
    bench.deliver(
      [usage({ ...failed }), usage({ ...failed, attemptIndex: 2, occurredAt: T0 + 15 * 60_000 })],
      'archive',
    );
    bench.deliver([usage({ ...failed, attemptIndex: 1, occurredAt: T0 + 7 * 60_000 })], 'archive');
    bench.wait(DEFAULT_PATIENCE.failedGraceMillis);
    expect(bench.settled()).toHaveLength(1);
    expect(bench.emitted.at(-1)?.attempts).toHaveLength(3);
  });
});

describe('the place to resume from', () => {
  it('is the oldest delivery that an open request still needs', () => {
    const bench = new Bench();
    bench.deliver([usage({ requestId: 'done' })]);
    bench.deliver([usage({ requestId: 'open', statusCode: 502, errorClass: 'timeout' })]);
    bench.deliver([usage({ requestId: 'done-too' })]);
    bench.step();
    expect(bench.resumeAfter).toBe(1);
    bench.wait(DEFAULT_PATIENCE.failedGraceMillis);
    expect(bench.resumeAfter).toBe(3);
  });
});

describe('order, duplication and batching', () => {
  const failedAttempt = (requestId: string, index: number, at: number): UsageReport =>
    usage({
      requestId,
      attemptIndex: index,
      attemptKind: index === 0 ? 'initial' : 'fallback',
      attemptModel: `target-${index}`,
      statusCode: 502,
      errorClass: 'upstream_status',
      occurredAt: at,
    });

  /** The reports of one request: attempts, the winner or none, and the spans if that feed is on. */
  const story = fc
    .record({
      id: fc.nat({ max: 5 }),
      fails: fc.nat({ max: 3 }),
      wins: fc.boolean(),
      spans: fc.boolean(),
      usage: fc.boolean(),
      second: fc.nat({ max: 100 }),
      again: fc.boolean(),
    })
    .map(({ id, fails, wins, spans, usage: told, second, again }) => {
      const at = T0 + second * 1_000 + (again ? 3 * WINDOW_GAP_MILLIS : 0);
      const requestId = `req-${id}`;
      const reports: AttemptReport[] = [];
      const usageFeed = told || !spans;
      for (let index = 0; index < fails; index++) if (usageFeed) reports.push(failedAttempt(requestId, index, at));
      if ((wins || fails === 0) && usageFeed) {
        reports.push(
          usage({
            requestId,
            attemptIndex: fails,
            attemptKind: fails === 0 ? 'initial' : 'fallback',
            attemptModel: `target-${fails}`,
            occurredAt: at,
            promptTokens: 3,
            completionTokens: 4,
            downstreamLatencyMs: 900,
          }),
        );
      }
      if (spans) {
        // As real ones, an id names one span only.
        const span = (digit: number) =>
          `${id}${String(second).padStart(3, '0')}${again ? 1 : 0}${fails}`.padStart(15, '0') + digit;
        reports.push(serverSpan({ requestId, spanId: span(9), startTime: at - 900, endTime: at + 300 }));
        reports.push(
          attemptSpan({ requestId, spanId: span(0), attemptIndex: fails, startTime: at - 400, endTime: at + 200 }),
        );
      }
      return reports;
    });

  it('do not matter', () => {
    fc.assert(
      fc.property(
        fc.array(story, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat({ max: 1_000_000 })),
        fc.array(fc.constantFrom(0, 10, 800, 6_000, 20_000), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (stories, random, pauses, restarts) => {
          const reports = stories.flat();
          const straight = new Bench();
          straight.deliver(reports, 'archive');
          straight.wait(3_600_000);

          const shuffled = [...reports, ...reports.filter(() => (random.next().value ?? 0) % 3 === 0)]
            .map((report) => ({ report, at: random.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ report }) => report);
          const bench = new Bench();
          const replay: { seq: number; reports: AttemptReport[] }[] = [];
          for (let from = 0, turn = 0; from < shuffled.length; turn++) {
            const size = 1 + ((random.next().value ?? 0) % 4);
            const batch = shuffled.slice(from, from + size);
            bench.deliver(batch, turn % 2 === 0 ? 'object_store' : 'archive', 'dp-1');
            replay.push({ seq: bench.seq, reports: batch });
            bench.wait(pauses[turn % pauses.length] ?? 0);
            if (restarts && turn % 3 === 2) {
              bench.restart();
              for (const { seq, reports: again } of replay) {
                if (seq > bench.resumeAfter) {
                  bench.assembler.add(seq, {
                    input: 'archive',
                    environment: 'prod',
                    receivedAt: bench.now,
                    reports: again,
                    dataPlane: 'dp-1',
                  });
                }
              }
            }
            from += size;
          }
          bench.wait(3_600_000);
          const withoutPlane = bench.settled().map((text) => text.replace('"dataPlane":"dp-1",', ''));
          expect(withoutPlane).toEqual(straight.settled());
        },
      ),
      { numRuns: 300 },
    );
  });
});
