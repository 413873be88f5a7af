import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { exampleBoard, exampleTruths } from '../exampleRequests.ts';
import { exampleSpans } from '../exampleSpans.ts';
import { createPalette } from './palette.ts';
import { plainFailure, plainLine } from './plain.ts';
import { type Scene, screen } from './screen.ts';
import { summary } from './summary.ts';
import { requestTable } from './table.ts';
import { textWidth } from './text.ts';
import { spanTree } from './tree.ts';

const plain = createPalette(false);
const keyName = (id: string) => `key-${id.slice(0, 4)}`;
const truths = exampleTruths(80);
const board = exampleBoard(truths);
const NOW = Math.max(...truths.map((truth) => truth.end)) + 900;

const scene = (change: Partial<Scene> = {}): Scene => ({
  phase: { name: 'live' },
  requests: board.newest(100),
  failure: board.failure(NOW),
  totals: board.totals(NOW),
  refused: 0,
  elapsedMs: 42_000,
  ingestUrl: 'http://127.0.0.1:14318',
  ...change,
});
const draw = (change: Partial<Scene> = {}, columns = 100, rows = 30, palette = plain) =>
  screen(scene(change), { columns, rows, palette, keyName });

describe('screen', () => {
  it.each([
    [60, 20],
    [80, 24],
    [100, 30],
    [132, 43],
    [250, 60],
  ])('fits into %d×%d in every phase', (columns, rows) => {
    const phases = [{ name: 'starting' }, { name: 'replay', done: 400, of: 1_322 }, { name: 'live' }] as const;
    for (const phase of phases) {
      const lines = draw({ phase, refused: 3, notice: 'Something is wrong with a destination.' }, columns, rows).split(
        '\n',
      );
      expect(lines.length).toBeLessThan(rows);
      expect(lines.filter((line) => textWidth(line) > columns)).toEqual([]);
    }
  });

  it('keeps the newest change in sight, also when it has left the table', () => {
    const change = {
      changeId: 'c1',
      aliases: [],
      version: 1,
      end: 0,
      action: 'update',
      kind: 'rate_limit_policy',
      name: 'batch-limit',
      actor: 'dave',
      state: 'applied',
      inForce: true,
    };
    const lines = draw({ changes: [change, { ...change, changeId: 'c0', end: -1 }] }).split('\n');
    const told = lines.filter((line) => line.includes('◆'));
    expect(told).toEqual([
      expect.stringMatching(
        /^ newest change {3}◆ update rate limit policy batch-limit {2}by dave, in force {2}· {2}\d\d:/,
      ),
    ]);
    expect(lines.length).toBeLessThan(30);
  });

  it('says the same with and without colour', () => {
    const coloured = draw({}, 120, 40, createPalette(true));
    expect(coloured).toContain('\u001b[3');
    expect(stripVTControlCharacters(coloured)).toBe(draw({}, 120, 40));
    expect(draw()).not.toContain('\u001b');
  });

  it('shows progress while replaying, and rates, freshness and totals while live', () => {
    const replay = draw({ phase: { name: 'replay', done: 661, of: 1_322 } }, 140);
    expect(replay).toContain('661 of 1,322 deliveries');
    const bar = /[━─]{12,}(?= {2}661)/.exec(replay)?.[0] ?? '';
    expect(bar.indexOf('─')).toBe(bar.length / 2);
    const live = draw({}, 140);
    expect(live).toMatch(/[\d.]+ requests\/s {2}· {2}[\d.]+ spans\/s {2}· {2}freshness 900 ms \(p95 900 ms\)/);
    expect(live).toContain('80 requests, ');
    expect(draw({}, 80)).toContain('80 delivered');
  });

  it('says what was refused and what the server complained of', () => {
    expect(draw({ refused: 1_234, notice: 'The disk is \u001b[31mfull.' })).toMatch(
      /1,234 refused[\s\S]*The disk is full\./,
    );
  });

  it('waits in words before anything has arrived', () => {
    expect(draw({ requests: [], failure: undefined, phase: { name: 'starting' } })).toContain('starting the server');
  });
});

describe('requestTable', () => {
  it('has a row for each request with what the brief of a request needs', () => {
    const requests = board.newest(80);
    const rows = requestTable(requests, { width: 120, palette: plain, keyName });
    expect(rows[0]).toMatch(/time +outcome +requested → served +key +took +tokens +tries/);
    expect(rows).toHaveLength(81);
    requests.forEach((request, i) => {
      const row = rows[i + 1] ?? '';
      expect(row).toContain(`${request.status} ${request.outcome}`);
      expect(row).toContain(request.requestedModel ?? '–');
      if (request.servedModel !== undefined && request.servedModel !== request.requestedModel) {
        expect(row).toContain(` → ${request.servedModel}`);
      }
      expect(row).toMatch(/\d (ms|s) /);
    });
    const failover = rows[requests.findIndex((request) => request.attempts === 2) + 1];
    expect(failover).toMatch(/ 2$/);
  });

  it('says why in a wide terminal, and leaves columns out in a narrow one', () => {
    const requests = board.newest(80);
    const failed = requests.findIndex(({ errorMessage }) => errorMessage !== undefined);
    const rows = requestTable(requests, { width: 160, palette: plain, keyName });
    expect(rows[0]).toMatch(/tries +reason$/);
    expect(rows[failed + 1]).toContain(requests[failed]?.errorMessage?.slice(0, 30));
    expect(requestTable(requests, { width: 70, palette: plain, keyName })[0]).toMatch(/model +took +tokens +try$/);
    expect(requestTable(requests, { width: 60, palette: plain, keyName })[0]).toMatch(/model +took +try$/);
  });

  it('keeps its columns where they are, whatever is in them', () => {
    const at = (rows: string[]) => rows[0]?.indexOf('took');
    const tables = [1, 5, 80].map((count) => requestTable(board.newest(count), { width: 90, palette: plain, keyName }));
    expect(new Set(tables.map(at)).size).toBe(1);
  });

  it('escapes names that callers chose', () => {
    const [truth] = exampleTruths(1, 'success');
    if (truth === undefined) throw new Error('There is one request.');
    const evil = { ...truth, requestedModel: '\u001b[2J\u001b[1;1Hgpt\n\u202e', servedModel: '\u0007x' };
    const rows = requestTable(exampleBoard([evil]).newest(1), { width: 120, palette: plain, keyName });
    expect(rows[1]).toContain('gpt·· → ·x');
    expect(rows.join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('spanTree', () => {
  const treeOf = (scenario: Parameters<typeof exampleTruths>[1], width = 120) => {
    const [truth] = exampleTruths(1, scenario);
    if (truth === undefined) throw new Error('There is one request.');
    const [request] = exampleBoard([truth]).newest(1);
    if (request === undefined) throw new Error('It is on the board.');
    return { truth, lines: spanTree(request, { width, palette: plain, keyName, maxSpans: 6 }) };
  };

  it('draws every attempt with its kind, status and place in time', () => {
    const { truth, lines } = treeOf('transport');
    expect(lines[0]).toContain('newest failure  provider_error 502');
    expect(lines[0]).toContain(truth.requestId);
    expect(lines[1]).toMatch(/^ {3}request +━+ /);
    expect(lines[2]).toContain(`└ chat ${truth.requestedModel}`);
    expect(lines[3]).toMatch(/├ #0 initial .* 502 upstream_status$/);
    expect(lines[5]).toMatch(/└ #2 retry /);
    expect(lines.at(-1)).toContain('“upstream returned HTTP 502');
    const starts = lines.slice(3, 6).map((line) => line.search(/[━╸╺]/));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(new Set(starts).size).toBe(3);
  });

  it('draws a refusal as the one span that it is, and counts what has no room', () => {
    expect(treeOf('forbidden').lines).toHaveLength(2);
    const { lines } = treeOf('ensemble_blocked', 80);
    expect(lines.filter((line) => textWidth(line) > 80)).toEqual([]);
    const [truth] = exampleTruths(1, 'transport');
    const [request] = truth === undefined ? [] : exampleBoard([truth]).newest(1);
    if (request === undefined) throw new Error('It is on the board.');
    expect(spanTree(request, { width: 90, palette: plain, keyName, maxSpans: 3 }).join('\n')).toContain(
      '… and 2 more spans',
    );
  });

  it('escapes what the provider said', () => {
    const [truth] = exampleTruths(1, 'timeout');
    if (truth === undefined) throw new Error('There is one request.');
    const spans = exampleSpans(truth).map((span) => ({
      ...span,
      attributes: { ...span.attributes, 'aisix.error_message': 'bad\r\u001b]52;c;AAAA\u0007thing' },
    }));
    const own = exampleBoard([]);
    own.add(spans, truth.end);
    const [request] = own.newest(1);
    if (request === undefined) throw new Error('It is on the board.');
    const drawn = spanTree(request, { width: 90, palette: plain, keyName, maxSpans: 6 }).join('');
    expect(drawn).toContain('“bad·thing”');
    expect(drawn).not.toMatch(/\p{Cc}/u);
  });
});

describe('without a terminal', () => {
  it('writes one line without styles or bars', () => {
    const replay = plainLine(scene({ phase: { name: 'replay', done: 5, of: 10 } }), NOW);
    expect(replay).toMatch(/^\d\d:\d\d:\d\d replay: a recorded evening 5 of 10 deliveries/);
    const live = plainLine(scene(), NOW);
    expect(live).toMatch(/live: .* requests\/s · .* spans\/s · freshness 900 ms/);
    expect(replay + live).not.toMatch(/[━─]|\p{Cc}/u);
    const failure = board.failure(NOW);
    expect(failure && plainFailure(failure, keyName)).toMatch(/ failed: \w+ \d+, model .*, key key-/);
  });
});

describe('summary', () => {
  it('says what went in and out, what was refused, and where to look', () => {
    const facts = { totals: board.totals(NOW), refused: 2, deliveries: 1_400, elapsedMs: 65_000 };
    const text = summary({ ...facts, freshness: { median: 650, p95: 1_100 } }, plain);
    expect(text).toContain('1,400 deliveries in  →  80 requests out');
    expect(text).toContain('650 ms after its end (p95 1.10 s)');
    expect(text).toContain('2 deliveries were refused');
    expect(text).toContain('README.md');
    expect(text.split('\n').filter((line) => textWidth(line) > 80)).toEqual([]);
    expect(summary({ ...facts, refused: 0 }, plain)).not.toMatch(/refused|after its end/);
  });
});
