import { describe, expect, it } from 'vitest';
import { exampleBoard, exampleTruths } from '../exampleRequests.ts';
import { createPalette } from '../view/palette.ts';
import { requestTable } from '../view/table.ts';
import { terminalSvg } from './terminalSvg.ts';

describe('terminalSvg', () => {
  it('puts every word at its column, in its style, wherever styles begin and end', () => {
    const svg = terminalSvg('\u001b[1m a b  c\u001b[0;2m d\n e\u001b[22;31mf\u001b[39mg', 'x');
    const texts = [
      ...svg.matchAll(/<text x="([\d.]+)" y="(\d+)" textLength="([\d.]+)" [^>]*fill="(#\w+)"[^>]*>(.*?)</g),
    ];
    expect(texts.map(([, x, y, length, fill, text]) => [text, Number(x), Number(y), Number(length), fill])).toEqual([
      ['a b', 26.4, 48, 25.2, '#f0f6fc'],
      ['c', 68.4, 48, 8.4, '#f0f6fc'],
      ['d', 85.2, 48, 8.4, '#7d8590'],
      ['e', 26.4, 67, 8.4, '#7d8590'],
      ['f', 34.8, 67, 8.4, '#ff7b72'],
      ['g', 43.2, 67, 8.4, '#c9d1d9'],
    ]);
  });

  it('draws bars as rectangles with half columns at their ends', () => {
    expect(terminalSvg('x ╺━━╸', 'x')).toContain('<rect x="39.0" y="42.0" width="25.2" height="3.0" fill="#c9d1d9"/>');
  });

  it('escapes what would be markup, in text and label', () => {
    const svg = terminalSvg('<script>&"', 'a "label" <b>');
    expect(svg).toContain('>&lt;script&gt;&amp;&quot;</text>');
    expect(svg).toContain('aria-label="a &quot;label&quot; &lt;b&gt;"');
  });

  it('holds every word of a table of the demo', () => {
    const options = { width: 100, palette: createPalette(true), keyName: (id: string) => id.slice(0, 8) };
    const requests = exampleBoard(exampleTruths(20)).newest(20);
    const svg = terminalSvg(requestTable(requests, options).join('\n'), 'x');
    for (const { outcome, requestedModel = '' } of requests) {
      expect(svg).toContain(outcome);
      expect(svg).toContain(requestedModel);
    }
    expect(svg).not.toContain('\u001b');
  });
});
