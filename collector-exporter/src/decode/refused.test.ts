import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedFirstLine, refusedRecord } from './refused.ts';

describe('what is kept of refused bytes', () => {
  it.each([
    ['{"a":"b"}', '{"a":"…"}'],
    ['{"a": -1.5e3, "b": [true, null]}', '{"a": 0, "b": [true, null]}'],
    ['{"long name here":"x"}', '{"…":"…"}'],
    ['{"quote\\"d":1}', '{"…":0}'],
    ['lo world","role":"user"}', '? ?"…"?"…"?"…"'],
    ['<html><body>secret</body></html>', '?'],
    ['{"cut":"in the mid', '{"cut":"…"'],
    ['\n\n{"second":1}\nthird', '{"second":0}'],
    ['plain words of a prompt', '? ? ? ? ?'],
  ])('%s → %s', (text, masked) => {
    expect(maskedFirstLine(Buffer.from(text))).toBe(masked);
  });

  it('is short', () => {
    expect(maskedFirstLine(Buffer.from('{"a":1},'.repeat(10_000))).length).toBeLessThanOrEqual(256);
  });

  it('never shows a word that was a value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ minLength: 1 })), (object) => {
        const text = JSON.stringify({ ...object, marked: 'canary value' });
        const { firstLine } = refusedRecord({ input: 'otlp', at: 1, code: 'invalid_json', bytes: text });
        expect(firstLine).not.toContain('canary');
      }),
    );
  });

  it('never throws on bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(maskedFirstLine(bytes).length).toBeLessThanOrEqual(256);
      }),
    );
  });
});
