import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPartialSuccess, readRefusal } from './partialSuccess.ts';
import { printable } from './printable.ts';
import { protobufFields } from './protobufFields.ts';

const text = (value: string) => Buffer.from(value);

describe('readPartialSuccess', () => {
  it.each([
    ['', undefined, { rejected: 0 }],
    ['{}', undefined, { rejected: 0 }],
    ['{"partialSuccess":{}}', 'application/json; charset=utf-8', { rejected: 0 }],
    ['{"partialSuccess":null}', 'application/json', { rejected: 0 }],
    ['{"partialSuccess":{"rejectedLogRecords":"4"}}', 'application/json', { rejected: 4 }],
    ['{"partialSuccess":{"rejectedDataPoints":5,"errorMessage":""}}', 'application/json', { rejected: 5 }],
    [
      '{"partial_success":{"rejected_spans":"6","error_message":"x"}}',
      'application/json',
      { rejected: 6, message: 'x' },
    ],
    ['{"partialSuccess":{"rejectedSpans":"many"}}', 'application/json', undefined],
    ['{"partialSuccess":7}', 'application/json', undefined],
    ['[]', 'application/json', undefined],
    ['null', 'application/json', undefined],
    ['ok', 'text/plain', undefined],
  ])('%s as %s', (body, contentType, expected) => {
    expect(readPartialSuccess(text(body), contentType)).toEqual(expected);
  });

  it('reads 64-bit counts of protobuf and skips fields that it does not know', () => {
    // field 9 varint, field 10 fixed64, field 1 { rejected 300, field 3 fixed32, message "é" }
    const body = Buffer.from(`4801${'51'}0000000000000000${'0a'}0c${'08ac02'}${'1d00000000'}${'1202c3a9'}`, 'hex');
    expect(readPartialSuccess(body, 'application/x-protobuf')).toEqual({ rejected: 300, message: 'é' });
  });

  it('makes something bounded and printable of any bytes, or nothing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('application/json', 'application/x-protobuf', undefined),
        (bytes, type) => {
          const reading = readPartialSuccess(bytes, type);
          if (reading === undefined) return;
          expect(Number.isInteger(reading.rejected) && reading.rejected >= 0).toBe(true);
          expect(reading.message ?? '').not.toMatch(/[\p{Cc}\p{Cf}]/u);
          expect(readRefusal(bytes, type) ?? '').not.toMatch(/[\p{Cc}\p{Cf}]/u);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('readRefusal', () => {
  it.each([
    ['{"code":3,"message":"bad\\nspan"}', 'application/json', 'bad span'],
    ['{"error":"x"}', 'application/json', '{"error":"x"}'],
    ['plain\tword', 'text/plain', 'plain word'],
    ['', 'text/plain', undefined],
  ])('%s as %s', (body, contentType, expected) => {
    expect(readRefusal(text(body), contentType)).toBe(expected);
  });

  it('reads the message of a protobuf status', () => {
    expect(readRefusal(Buffer.from('08031203626164', 'hex'), 'application/x-protobuf')).toBe('bad');
  });
});

describe('protobufFields', () => {
  it.each(['08', '0a05', '0b', '00', 'ffffffffffffffffffff01', '0d0000', '080a09'])('refuses %s', (hex) => {
    expect(protobufFields(Buffer.from(hex, 'hex'))).toBeUndefined();
  });
});

describe('printable', () => {
  it.each([
    ['a\r\nb', 'a b'],
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['right\u202eleft\u2066', 'right left'],
    ['lone \ud800 half', 'lone   half'],
    ['x'.repeat(300), `${'x'.repeat(199)}…`],
    ['😀'.repeat(200), '😀'.repeat(200)],
  ])('%j', (given, expected) => {
    expect(printable(given)).toBe(expected);
  });
});
