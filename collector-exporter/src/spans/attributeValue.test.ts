import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capText, MAX_LIST_ITEMS, MAX_TEXT_BYTES, putNumber, putText, putTexts } from './attributeValue.ts';

describe('capText', () => {
  it.each([
    ['as it is up to the limit', 'x'.repeat(2048), 2048],
    ['cut at the limit', 'x'.repeat(2049), 2048],
    ['cut between characters of two bytes', `x${'ü'.repeat(2000)}`, 2047],
    ['cut between characters of four bytes', `xx${'🚀'.repeat(600)}`, 2046],
  ])('%s', (_, text, bytes) => {
    const capped = capText(text);
    expect(Buffer.byteLength(capped)).toBe(bytes);
    expect(text.startsWith(capped)).toBe(true);
  });

  it('gives well-formed text of bounded size for any text', () => {
    const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 3000, size: 'max' }), (text) => {
        const capped = capText(text);
        expect(capped.isWellFormed()).toBe(true);
        expect(Buffer.byteLength(capped)).toBeLessThanOrEqual(MAX_TEXT_BYTES);
        expect(text.toWellFormed().startsWith(capped)).toBe(true);
      }),
    );
  });
});

describe('what is put on a span', () => {
  it('is never undefined, empty, or a number that an encoding cannot hold', () => {
    const into = {};
    putText(into, 'text', undefined);
    putText(into, 'text', '');
    for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 60)])
      putNumber(into, 'number', value);
    putTexts(into, 'texts', undefined);
    putTexts(into, 'texts', []);
    expect(into).toEqual({});
    putNumber(into, 'number', 0);
    expect(into).toEqual({ number: 0 });
  });

  it('has a bounded number of elements', () => {
    const into: Record<string, string[]> = {};
    putTexts(into, 'texts', Array(100).fill('x'));
    expect(into.texts).toHaveLength(MAX_LIST_ITEMS);
  });
});
