import { describe, expect, it } from 'vitest';
import { createBoard } from './board.ts';
import { EXAMPLE_START, exampleBoard, exampleTruths } from './exampleRequests.ts';
import { exampleSpans } from './exampleSpans.ts';

describe('createBoard', () => {
  it('tells of each request what its spans say, newest first', () => {
    const truths = exampleTruths(60);
    const shown = exampleBoard(truths).newest(60);
    const byEnd = truths.toSorted((a, b) => b.end - a.end);
    expect(shown.map((request) => request.requestId)).toEqual(byEnd.map((truth) => truth.requestId));
    shown.forEach((request, i) => {
      const truth = byEnd[i];
      expect(request).toMatchObject({ outcome: truth?.outcome, status: truth?.status, end: truth?.end });
      expect(request.attempts).toBe(truth?.attempts.length);
      expect(request.requestedModel).toBe(truth?.requestedModel);
      expect(request.servedModel).toBe(truth?.servedModel);
      expect(request.spans[0]?.kind).toBe(2);
    });
  });

  it('puts a request together whose spans arrive children first, in two deliveries', () => {
    const [truth] = exampleTruths(1, 'failover');
    if (truth === undefined) throw new Error('There is one request.');
    const [server, ...rest] = exampleSpans(truth);
    const board = createBoard();
    board.add(rest, truth.end);
    expect(board.newest(5)).toEqual([]);
    board.add(server === undefined ? [] : [server], truth.end + 100);
    expect(board.newest(5)[0]?.attempts).toBe(2);
  });

  it('counts a request once, and its later version as corrected', () => {
    const [truth] = exampleTruths(1, 'success');
    if (truth === undefined) throw new Error('There is one request.');
    const board = createBoard();
    board.add(exampleSpans(truth), truth.end);
    board.add(
      exampleSpans(truth, { 'aisix.revision': 1, 'http.response.status_code': 502, 'aisix.outcome': 'provider_error' }),
      truth.end + 50,
    );
    expect(board.totals(truth.end + 60)).toMatchObject({ requests: 1, corrected: 1 });
    expect(board.newest(5)).toHaveLength(1);
    expect(board.newest(5)[0]?.status).toBe(502);
  });

  it('measures rates and freshness of live requests only', () => {
    const truths = exampleTruths(50, 'success').toSorted((a, b) => a.end - b.end);
    const board = createBoard();
    const old = truths.slice(0, 25);
    const live = truths.slice(25);
    for (const truth of old) board.add(exampleSpans(truth), EXAMPLE_START + 60_000);
    expect(board.totals(EXAMPLE_START + 60_000)).toMatchObject({ requests: 25, requestsPerSecond: 0 });
    expect(board.totals(EXAMPLE_START + 60_000)).not.toHaveProperty('freshness');
    board.liveSince(live[0]?.end ?? 0);
    for (const truth of live) board.add(exampleSpans(truth), truth.end + 750);
    const now = (live.at(-1)?.end ?? 0) + 750;
    const totals = board.totals(now);
    expect(totals.freshness?.median).toBeCloseTo(750, 3);
    expect(totals.requestsPerSecond).toBeGreaterThan(2);
    expect(board.totals(now + 60_000)).toMatchObject({ requestsPerSecond: 0, requests: 50 });
    expect(board.overallFreshness()?.p95).toBeCloseTo(750, 3);
  });

  it('holds a failure for a while before it shows the next, and prefers errors to refusals', () => {
    const [outage] = exampleTruths(1, 'all_failed');
    const [refusal] = exampleTruths(2, 'forbidden').slice(1);
    const [timeout] = exampleTruths(3, 'timeout').slice(2);
    if (outage === undefined || refusal === undefined || timeout === undefined) throw new Error('There are three.');
    const board = createBoard();
    expect(board.failure(0)).toBeUndefined();
    board.add(exampleSpans(outage), 0);
    expect(board.failure(0)?.requestId).toBe(outage.requestId);
    board.add(exampleSpans(refusal), 1);
    board.add(exampleSpans(timeout), 1);
    expect(board.failure(3_000)?.requestId).toBe(outage.requestId);
    expect(board.failure(5_000)?.requestId).toBe(timeout.requestId);
  });

  it('forgets the oldest requests and children that never find theirs', () => {
    const truths = exampleTruths(1_000, 'success');
    const board = exampleBoard(truths);
    expect(board.newest(5_000)).toHaveLength(400);
    expect(board.totals(EXAMPLE_START).requests).toBe(1_000);
  });
});
