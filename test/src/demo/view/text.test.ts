import { styleText } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, joinFitting, padEnd, padStart, safeText, spread, textWidth } from './text.ts';

const red = (text: string) => styleText('red', text, { validateStream: false });

/** Any code points at all, half surrogates too. */
const codePoints = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 })
  .map((points) => String.fromCodePoint(...points));

describe('safeText', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['two\r\nlines', 'two··lines'],
    ['\u202eevil', '·evil'],
    ['a\u2028b', 'a·b'],
    ['gpt-4o · ünïcode 模型', 'gpt-4o · ünïcode 模型'],
  ])('makes %j safe', (text, wanted) => {
    expect(safeText(text)).toBe(wanted);
  });

  it('never lets a control or format character through', () => {
    fc.assert(
      fc.property(codePoints, (text) => {
        return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(safeText(text));
      }),
    );
  });
});

describe('widths', () => {
  it('counts columns: styles and marks none, wide characters two', () => {
    expect(textWidth(red('abc'))).toBe(3);
    expect(textWidth('e\u0301')).toBe(1);
    expect(textWidth('模型')).toBe(4);
    expect(textWidth('→…━')).toBe(3);
  });

  it('cuts any safe text to its width, with a sign that something is missing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (raw, width) => {
        const text = safeText(raw);
        const cut = fit(text, width);
        expect(textWidth(cut)).toBeLessThanOrEqual(width);
        if (textWidth(text) > width) expect(cut.endsWith('…')).toBe(true);
        else expect(cut).toBe(text);
      }),
    );
  });

  it('fills up on either side, styled or not', () => {
    expect(padEnd('模', 4)).toBe('模  ');
    expect(textWidth(padStart(red('ab'), 5))).toBe(5);
    expect(spread('left', 'right', 12)).toBe('left   right');
    expect(spread('too long', 'right', 12)).toBe('too long');
  });

  it('joins whole parts only', () => {
    expect(joinFitting(['one', 'two', 'three'], ' · ', 10)).toBe('one · two');
    expect(joinFitting([red('one'), red('two')], ' · ', 9)).toBe(`${red('one')} · ${red('two')}`);
  });
});
