import { describe, expect, it } from 'vitest';
import { BLOCKED_PROBE_MILLIS, REFUSALS_IN_A_ROW } from './limits.ts';
import { accepted, createRig, hang, json, type Script, status } from './testing/rig.ts';
import type { Answer } from './transport.ts';

const SECRET = 'key=secret';

/** Answers in turn, then accepts. */
function inTurn(...answers: readonly Answer[]): Script {
  return ({ number }) => answers[number - 1] ?? accepted;
}

describe('answers that ask for another try', () => {
  const failed = (reason: 'timeout' | 'unreachable' | 'disconnected'): Answer => ({
    kind: 'failed',
    reason,
    code: 'E',
  });
  it.each([
    ['429', status(429), 'status_429'],
    ['502', status(502), 'status_502'],
    ['503', status(503), 'status_503'],
    ['504', status(504), 'status_504'],
    ['a timeout', failed('timeout'), 'timeout'],
    ['no connection', failed('unreachable'), 'unreachable'],
    ['a connection lost in the middle of the answer', failed('disconnected'), 'disconnected'],
  ])('%s: the same again after a wait that doubles', async (_name, answer, reason) => {
    const rig = createRig();
    rig.stream.push(['a', 'b']);
    const destination = rig.start(inTurn(answer, answer));
    await rig.clock.settle();
    expect(destination.health()).toMatchObject({ state: 'retrying', delivered: 0, backlogRows: 2 });
    expect(destination.health().nextTryAt).toBe(rig.clock.now() + 1_000);

    await rig.clock.until(() => destination.health().delivered === 2);
    expect(rig.sent.map(({ items }) => items)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    const [first = 0, second = 0, third = 0] = rig.sent.map(({ at }) => at);
    expect([second - first, third - second]).toEqual([1_000, 2_000]);
    expect(destination.health()).toMatchObject({ state: 'ok', retried: 2, backlogRows: 0, lastSuccessAt: third });
    expect(rig.counted.get(`aisix_destination_requests_retried{${reason}}`)).toBe(2);
  });

  it.each([
    ['seconds', '7', 7_000],
    ['more seconds than any backoff', '1800', 1_800_000],
    ['more than the cap', '999999', 3_600_000],
    ['a date', 'date:90000', 90_000],
    ['a date that has passed', 'date:-5000', 1_000],
    ['less than our own wait', '0', 1_000],
    ['nonsense', 'soon', 1_000],
    ['a date in a form that HTTP does not know', '2099-01-01', 1_000],
  ])('Retry-After with %s', async (_name, header, wait) => {
    const rig = createRig();
    // Whole seconds, as HTTP dates have no fractions.
    const value = header.startsWith('date:')
      ? new Date(rig.clock.now() + Number(header.slice(5))).toUTCString()
      : header;
    rig.stream.push(['a']);
    const destination = rig.start(inTurn(status(429, { retryAfter: value })));
    await rig.clock.until(() => destination.health().delivered === 1);
    expect((rig.sent[1]?.at ?? 0) - (rig.sent[0]?.at ?? 0)).toBe(wait);
  });

  it('begins with the shortest wait again after a success', async () => {
    const rig = createRig();
    rig.stream.push(['a']);
    const answers = [status(503), status(503), status(503), accepted, status(503), accepted];
    const destination = rig.start(inTurn(...answers));
    await rig.clock.until(() => destination.health().delivered === 1);
    rig.stream.push(['b']);
    await rig.clock.until(() => destination.health().delivered === 2);
    const [failed = 0, again = 0] = rig.sent.slice(4).map(({ at }) => at);
    expect(again - failed).toBe(1_000);
  });

  it('goes on for ever, at most half a minute apart, one request at a time', async () => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 40 }, (_, index) => `i${index}`));
    let mended = false;
    const destination = rig.start(() => (mended ? accepted : status(503)), { limits: { batchItems: 10 } });
    await rig.clock.advance(6 * 3_600_000);
    const later = rig.sent.filter(({ at }) => at > (rig.sent[0]?.at ?? 0) + 120_000).map(({ at }) => at);
    const gaps = later.slice(1).map((at, index) => at - (later[index] ?? 0));
    expect(new Set(gaps)).toEqual(new Set([30_000]));
    expect(destination.health().state).toBe('retrying');
    mended = true;
    await rig.clock.until(() => destination.health().delivered === 40, 31_000);
  });

  it('a request that always fails does not keep others from passing', async () => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 8 }, (_, index) => `i${index}`));
    const destination = rig.start(({ items }) => (items.includes('i0') ? status(503) : accepted), {
      limits: { batchItems: 1 },
    });
    await rig.clock.until(() => destination.health().delivered === 7);
    expect(rig.cursors.get('destination:main')).toBe(0);
  });

  it('a request that keeps timing out is sent in halves', async () => {
    const rig = createRig();
    rig.stream.push(['a', 'b', 'c', 'd']);
    const timeout: Answer = { kind: 'failed', reason: 'timeout', code: 'ETIMEDOUT' };
    const destination = rig.start(({ items }) => (items.length > 2 ? timeout : accepted));
    await rig.clock.until(() => destination.health().delivered === 4);
    expect(rig.sent.map(({ items }) => items.length)).toEqual([4, 4, 4, 2, 2]);
  });
});

describe('answers that say yes', () => {
  const protobuf = (hex: string): Answer => ({
    kind: 'answered',
    status: 200,
    contentType: 'application/x-protobuf',
    body: Buffer.from(hex, 'hex'),
  });
  it.each<[string, Answer, { rejected: number; unreadable: number; message?: string }]>([
    ['200 without a body', accepted, { rejected: 0, unreadable: 0 }],
    ['202', status(202), { rejected: 0, unreadable: 0 }],
    ['204', status(204), { rejected: 0, unreadable: 0 }],
    ['200 with an empty object', json(200, {}), { rejected: 0, unreadable: 0 }],
    [
      '200 with a partial success in JSON',
      json(200, { partialSuccess: { rejectedSpans: '2', errorMessage: 'too\u001b[31m\nold' } }),
      { rejected: 2, unreadable: 0, message: 'too [31m old' },
    ],
    [
      '200 with a partial success of log records, as a number',
      json(200, { partial_success: { rejected_log_records: 1 } }),
      { rejected: 1, unreadable: 0, message: '' },
    ],
    [
      '200 with a warning only',
      json(200, { partialSuccess: { errorMessage: 'old version' } }),
      { rejected: 0, unreadable: 0, message: 'old version' },
    ],
    // partial_success { rejected_spans: 2, error_message: "no" }
    [
      '200 with a partial success in protobuf',
      protobuf('0a06080212026e6f'),
      { rejected: 2, unreadable: 0, message: 'no' },
    ],
    [
      '200 with more rejected than sent',
      json(200, { partialSuccess: { rejectedSpans: 99 } }),
      { rejected: 3, unreadable: 0, message: '' },
    ],
    [
      '200 with a page',
      { ...status(200, { text: '<html>' }), contentType: 'text/html' } as Answer,
      { rejected: 0, unreadable: 1 },
    ],
    [
      '200 with broken JSON',
      { ...json(200, {}), body: Buffer.from('{"par') } as Answer,
      { rejected: 0, unreadable: 1 },
    ],
    ['200 with torn protobuf', protobuf('0a068'), { rejected: 0, unreadable: 1 }],
    ['200 with a negative count', json(200, { partialSuccess: { rejectedSpans: -1 } }), { rejected: 0, unreadable: 1 }],
    [
      '200 with a body over the limit',
      { kind: 'answered', status: 200, body: undefined },
      { rejected: 0, unreadable: 1 },
    ],
  ])('%s: settled, not sent again', async (_name, answer, { rejected, unreadable, message }) => {
    const rig = createRig();
    rig.stream.push(['a', 'b,c']);
    const destination = rig.start(inTurn(answer));
    await rig.clock.advance(10_000);
    expect(rig.sent).toHaveLength(1);
    expect(destination.health()).toMatchObject({
      delivered: 3 - rejected,
      rejected,
      unreadableResponses: unreadable,
      setAside: {},
      backlogRows: 0,
      state: 'ok',
    });
    expect(rig.cursors.get('destination:main')).toBe(2);
    const reservations = rig.logged.filter((line) => line.message.includes('reservations'));
    expect(reservations.map((line) => line.fields?.message)).toEqual(message === undefined ? [] : [message]);
  });
});

describe('answers that refuse the data', () => {
  it.each([400, 422, 500, 501])(
    '%i: the bad row is found, set aside with what was said, all else is delivered',
    async (code) => {
      const rig = createRig();
      const rows = Array.from({ length: 64 }, (_, index) => (index === 37 ? 'ok37,bad' : `ok${index}`));
      rig.stream.push(rows);
      const destination = rig.start(({ items }) =>
        items.includes('bad') ? json(code, { message: 'no\nbad' }) : accepted,
      );
      await rig.clock.advance(1_000);
      expect(destination.health()).toMatchObject({
        delivered: 63,
        setAside: { refused: 1 },
        backlogRows: 0,
        retried: 0,
      });
      expect(rig.setAsideEntries).toEqual([
        {
          destination: 'main',
          seq: 38,
          at: 38,
          reason: 'refused',
          status: code,
          message: 'no bad',
          payload: 'ok37,bad',
        },
      ]);
      // OTLP: the very same request is never sent twice after such an answer.
      const bodies = rig.sent.map(({ items }) => items.join());
      expect(new Set(bodies).size).toBe(bodies.length);
      expect(bodies.length).toBeLessThan(2 * Math.log2(64) + 2);
    },
  );

  it('a backend that refuses everything does not get the backlog at full speed', async () => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 500 }, (_, index) => `i${index}`));
    let mended = false;
    const destination = rig.start(() => (mended ? accepted : status(500)));
    await rig.clock.advance(10 * BLOCKED_PROBE_MILLIS);
    const health = destination.health();
    expect(health.state).toBe('blocked');
    expect(health.lastError?.hint).toContain('protocol');
    expect(health.setAside.refused).toBeLessThanOrEqual(REFUSALS_IN_A_ROW + 10);
    mended = true;
    await rig.clock.until(() => destination.health().backlogRows === 0, 2 * BLOCKED_PROBE_MILLIS);
    const { delivered, setAside } = destination.health();
    expect(delivered + (setAside.refused ?? 0)).toBe(500);
  });

  it('many bad rows among good ones are all found without a pause', async () => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 200 }, (_, index) => (index % 5 === 0 ? `bad${index}` : `ok${index}`)));
    const destination = rig.start(({ items }) =>
      items.some((item) => item.startsWith('bad')) ? status(400) : accepted,
    );
    await rig.clock.advance(1_000);
    expect(destination.health()).toMatchObject({ delivered: 160, setAside: { refused: 40 }, state: 'ok' });
  });

  it('rows that cannot be prepared or serialised do not hold up the others', async () => {
    const rig = createRig();
    rig.stream.push(['a', 'throw', 'b', 'unserializable', 'c', 'skip:sampled', '', 'd']);
    const destination = rig.start(inTurn());
    await rig.clock.advance(1_000);
    expect(destination.health()).toMatchObject({
      delivered: 4,
      setAside: { unpreparable: 1, unserializable: 1 },
      skipped: { sampled: 1, empty: 1 },
      backlogRows: 0,
    });
    expect(rig.setAsideEntries.map(({ seq, message }) => [seq, message])).toEqual([
      [2, 'no such row'],
      [4, 'cannot be written'],
    ]);
    expect(rig.cursors.get('destination:main')).toBe(8);
  });
});

describe('requests that are too large', () => {
  it('413: halves until they fit, and smaller batches from then on', async () => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 400 }, (_, index) => `i${index}`));
    const destination = rig.start(({ items }) => (items.length > 10 ? status(413) : accepted), {
      limits: { batchItems: 100, inFlight: 1 },
    });
    await rig.clock.until(() => destination.health().delivered === 400);
    expect(destination.health()).toMatchObject({ setAside: {}, retried: 0 });
    const refused = rig.sent.filter(({ items }) => items.length > 10).map(({ items }) => items.length);
    expect(refused.filter((items) => items === 100)).toHaveLength(1);
    expect(refused.length).toBeLessThan(40);
  });

  it('batches grow back once the backend takes more', async () => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 2_000 }, (_, index) => `i${index}`));
    const destination = rig.start(({ items, number }) => (number < 4 && items.length > 10 ? status(413) : accepted), {
      limits: { batchItems: 100, inFlight: 1 },
    });
    await rig.clock.until(() => destination.health().delivered === 2_000);
    const sizes = rig.sent.map(({ items }) => items.length);
    expect(sizes.slice(0, 2)).toEqual([100, 50]);
    expect(sizes.indexOf(100, 1)).toBeGreaterThan(10);
  });

  it('413 for one item alone: that row is set aside, its other items are delivered', async () => {
    const rig = createRig();
    rig.stream.push(['a', 'b,huge,c', 'd']);
    const destination = rig.start(({ items }) => (items.includes('huge') ? status(413) : accepted));
    await rig.clock.advance(1_000);
    expect(destination.health()).toMatchObject({ delivered: 4, setAside: { too_large: 1 }, backlogRows: 0 });
    expect(rig.counted.get('aisix_destination_items_set_aside{too_large}')).toBe(1);
    expect(rig.setAsideEntries).toMatchObject([{ seq: 2, reason: 'too_large', status: 413, payload: 'b,huge,c' }]);
  });

  it('a body over our own limit is never sent', async () => {
    const rig = createRig();
    rig.stream.push(['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(80), 'd'.repeat(30)]);
    const destination = rig.start(inTurn(), { limits: { maxRequestBytes: 70 } });
    await rig.clock.advance(1_000);
    expect(rig.sent.map(({ items }) => items.map((item) => item[0]).join(''))).toEqual(['ab', 'd']);
    expect(destination.health()).toMatchObject({ delivered: 3, setAside: { too_large: 1 } });
    expect(rig.setAsideEntries[0]).not.toHaveProperty('status');
  });

  it('a row with more items than a request may hold is spread, others are kept whole', async () => {
    const rig = createRig();
    rig.stream.push(['a,b,c', 'd,e', '1,2,3,4,5,6,7,8,9', 'f']);
    const destination = rig.start(inTurn(), { limits: { batchItems: 4, inFlight: 1 } });
    await rig.clock.advance(1_000);
    expect(rig.sent.map(({ items }) => items.join(''))).toEqual(['abc', 'de', '1234', '5678', '9f']);
    expect(destination.health()).toMatchObject({ delivered: 15, backlogRows: 0 });
  });
});

describe('answers that an operator has to act on', () => {
  it.each([
    [401, 'credentials'],
    [403, 'credentials'],
    [404, '/v1/traces'],
    [408, 'endpoint'],
    [415, 'protocol'],
    [301, 'never followed'],
    [307, 'never followed'],
  ])('%i: blocked, probed slowly with one request, nothing is thrown away', async (code, hint) => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 30 }, (_, index) => `i${index}`));
    let mended = false;
    const script: Script = () =>
      mended ? accepted : status(code, { location: 'http://user:pw@evil.test/a?token=1', text: 'your token abc' });
    const destination = rig.start(script, { limits: { batchItems: 10 } });
    await rig.clock.advance(10 * BLOCKED_PROBE_MILLIS);
    const health = destination.health();
    expect(health).toMatchObject({ state: 'blocked', delivered: 0, setAside: {}, backlogRows: 30 });
    expect(health.lastError?.hint).toContain(hint);
    expect(rig.sent.length).toBeLessThanOrEqual(3 + 10);
    const shown = JSON.stringify([health, rig.logged]);
    for (const hidden of ['token', 'user:pw', '/a?', SECRET]) expect(shown).not.toContain(hidden);
    if (code < 400) expect(health.lastError?.message).toContain('http://evil.test');

    mended = true;
    await rig.clock.until(() => destination.health().delivered === 30, BLOCKED_PROBE_MILLIS);
    expect(destination.health()).toMatchObject({ state: 'ok', setAside: {} });
  });
});

describe('what is said about it', () => {
  it('complains once a minute per kind and counts the rest', async () => {
    const rig = createRig();
    rig.stream.push(['a']);
    rig.start(() => status(503));
    await rig.clock.advance(50_000);
    const complaints = () => rig.logged.filter((line) => line.message.includes('in trouble'));
    expect(complaints()).toHaveLength(1);
    await rig.clock.advance(60_000);
    expect(complaints()).toHaveLength(2);
    expect(complaints()[1]?.fields).toMatchObject({ destination: 'main', error: 'answered 503' });
    expect(complaints()[1]?.fields?.since_last).toBeGreaterThan(3);
  });

  it('is ok while it waits for a slow answer, and counts the request', async () => {
    const rig = createRig();
    rig.stream.push(['a'], rig.clock.now());
    const destination = rig.start(() => hang);
    await rig.clock.settle();
    expect(destination.health()).toMatchObject({ state: 'ok', requestsInFlight: 1, oldestAt: rig.clock.now() });
    expect(destination.health().origin).toBe('http://backend.test:4318');
    await rig.clock.advance(61_000);
    expect(destination.health().state).toBe('lagging');
    const closing = destination.close(0);
    await rig.clock.advance(0);
    await closing;
    expect(destination.health()).toMatchObject({ requestsInFlight: 0, backlogRows: 1 });
  });
});
