import { describe, expect, it } from 'vitest';
import { MAX_BAD_LINES } from './limits.ts';
import type { RefusedRecord } from './refused.ts';
import { DECODE_METRICS } from './tally.ts';
import { createCounter } from './testing/counter.ts';
import { decodeUsageNdjson } from './usageNdjson.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const LINE = '{"request_id":"r","occurred_at":"2026-11-23T11:00:00Z","attempt_index":0,"status_code":200}';

function decode(bytes: Uint8Array | string, firstLine?: number) {
  const counter = createCounter();
  const records: RefusedRecord[] = [];
  const ctx = {
    input: 'archive',
    recorder: counter,
    now: NOW,
    keepRefused: (record: RefusedRecord) => void records.push(record),
  } as const;
  const decoded = decodeUsageNdjson(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, ctx, firstLine);
  return { counter, records, ...decoded };
}

describe('NDJSON', () => {
  it.each([
    ['with a last line break', `${LINE}\n${LINE}\n`],
    ['without one', `${LINE}\n${LINE}`],
    ['with blank lines', `\n${LINE}\n \t\n\n${LINE}\n\n`],
    ['with line breaks of Windows', `${LINE}\r\n${LINE}\r\n`],
    ['with a byte order mark', `\ufeff${LINE}\n${LINE}\n`],
  ])('%s', (_, text) => {
    const { reports, refused } = decode(text);
    expect(reports).toHaveLength(2);
    expect(refused).toEqual([]);
  });

  it('is empty without events', () => {
    expect(decode('').reports).toEqual([]);
    expect(decode('\n\n').refusedCount).toBe(0);
  });

  it('refuses single lines by number and keeps the others', () => {
    const bad = Buffer.concat([
      Buffer.from(`${LINE}\n{"request_id":\n`),
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]),
      Buffer.from(`[]\n${LINE.replace('200', '20')}\n${'['.repeat(100_000)}\n${LINE}`),
    ]);
    const { reports, refused, refusedCount, counter } = decode(bad, 10);
    expect(reports).toHaveLength(2);
    expect(refused.map(({ index, code }) => [index, code])).toEqual([
      [11, 'invalid_json'],
      [12, 'invalid_utf8'],
      [13, 'not_an_object'],
      [14, 'invalid_status_code'],
      [15, 'too_deep'],
    ]);
    expect(refusedCount).toBe(5);
    expect(counter.sum(DECODE_METRICS.reportRefused, { input: 'archive' })).toBe(5);
  });

  it('refuses a line with duplicate keys, at any depth, and keeps its neighbours', () => {
    const twice = LINE.replace('"status_code":200', '"status_code":200,"status_code":404');
    const inside = LINE.replace('}', ',"redacted_entity_counts":{"pii":1,"pii":2}}');
    const { reports, refused, counter } = decode([LINE, twice, inside, LINE].join('\n'));
    expect(reports).toHaveLength(2);
    expect(refused.map(({ index, code }) => [index, code])).toEqual([
      [2, 'duplicate_key'],
      [3, 'duplicate_key'],
    ]);
    expect(counter.sum(DECODE_METRICS.reportRefused, { code: 'duplicate_key' })).toBe(2);
  });

  it('survives a million brackets, shallow enough to be parsed or not', () => {
    expect(decode('['.repeat(1_000_000)).refused[0]?.code).toBe('too_deep');
    expect(decode('{"a":'.repeat(1_000_000)).refused[0]?.code).toBe('too_deep');
    expect(decode('['.repeat(60_000)).refused[0]?.code).toBe('invalid_json');
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const { reports, counter } = decode(LINE.replace('}', `,"unknown":${deep}}`));
    expect(reports).toHaveLength(1);
    expect(counter.sum(DECODE_METRICS.fieldDropped, { field: 'extra' })).toBe(1);
  });

  it('keeps an event whose field has 10 MB, and refuses a line beyond 16 MiB', () => {
    const event = LINE.replace('}', `,"error_message":"${'x'.repeat(10_000_000)}"}`);
    expect(decode(event).reports[0]?.errorMessage).toHaveLength(2048);
    const { reports, refused } = decode(`${LINE}\n${'x'.repeat(17 * 1024 * 1024)}\n${LINE}`);
    expect(reports).toHaveLength(2);
    expect(refused[0]).toMatchObject({ index: 2, code: 'line_too_long' });
  });

  it('gives up on what cannot be the gateway', () => {
    const { refused, refusedCount, counter, records } = decode(`${'x\n'.repeat(MAX_BAD_LINES + 5000)}${LINE}`);
    expect(refusedCount).toBe(MAX_BAD_LINES + 1);
    expect(refused).toHaveLength(1000);
    expect(counter.sum(DECODE_METRICS.reportRefused, { code: 'too_many_refusals' })).toBe(1);
    expect(records).toHaveLength(10);
  });

  it('keeps hash, size and shape of a refused line, nothing it said', () => {
    const { records } = decode('{"request_id":"","content":"tell me a secret","key":"sk-good-A","n":42}');
    expect(records).toEqual([
      {
        input: 'archive',
        at: NOW,
        code: 'invalid_request_id',
        bytes: 71,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        firstLine: '{"request_id":"…","content":"…","key":"…","n":0}',
      },
    ]);
  });
});
