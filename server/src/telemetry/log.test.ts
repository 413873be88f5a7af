import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, escapeText } from './log.ts';

function collect(format: 'json' | 'text') {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), format, level: 'debug', now: () => 1_795_415_437_123 });
  return { lines, log };
}

describe('log lines', () => {
  it('writes one JSON object a line with the fields as values', () => {
    const { lines, log } = collect('json');
    log('info', 'delivery accepted', { input: 'otlp', events: 3 });
    expect(lines).toEqual([
      '{"time":"2026-11-23T06:30:37.123Z","level":"info","message":"delivery accepted","input":"otlp","events":3}\n',
    ]);
  });

  it.each(['json', 'text'] as const)('keeps untrusted text on its line, without terminal escapes (%s)', (format) => {
    const { lines, log } = collect(format);
    log('warn', 'refused', { id: 'a\r\nlevel=error\u001b[2Jb\u2028c\u202ed\u009be\u0000' });
    expect(lines).toHaveLength(1);
    // The label is coloured by the writer itself when colours are on.
    const untrusted = lines[0]?.slice(lines[0].indexOf('id')) ?? '';
    expect(untrusted.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(untrusted).toContain('u001b');
    expect(untrusted).toContain('u202e');
  });

  it('is one line of valid JSON for any field', () => {
    const { lines, log } = collect('json');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.anything({ maxDepth: 4 }), (name, value) => {
        lines.length = 0;
        log('info', 'anything', { [name]: value });
        expect(lines).toHaveLength(1);
        const line = lines[0] ?? '';
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(JSON.parse(line)).toMatchObject({ message: 'anything', level: 'info' });
      }),
    );
  });

  it('cuts long values, long lists and deep nesting', () => {
    const { lines, log } = collect('json');
    const deep = { a: { b: { c: { d: { e: 1 } } } } };
    log('info', 'big', { text: 'x'.repeat(10_000), list: Array.from({ length: 100 }, (_, index) => index), deep });
    const line = JSON.parse(lines[0] ?? '');
    expect(line.text).toHaveLength(513);
    expect(line.list).toHaveLength(20);
    expect(line.deep).toEqual({ a: { b: { c: '[section]' } } });
  });

  it('cuts a line that is too long as a whole and stays valid JSON', () => {
    const { lines, log } = collect('json');
    log(
      'info',
      'wide',
      Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`f${index}`, '\u0001'.repeat(500)])),
    );
    expect((lines[0] ?? '').length).toBeLessThan(9000);
    expect(JSON.parse(lines[0] ?? '').message).toBe('wide');
  });

  it('hides values under names of secrets and does not let a field replace the line’s own', () => {
    const { lines, log } = collect('json');
    log('info', 'hello', {
      token: 'sk-good-A',
      nested: { Authorization: 'Bearer sk-good-A' },
      level: 'error',
      message: 'x',
    });
    expect(lines[0]).not.toContain('sk-good-A');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', message: 'hello', field_level: 'error' });
  });

  it('writes name, code and message of an error and its cause, never the stack', () => {
    const { lines, log } = collect('json');
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    log('error', 'failed', { error: new TypeError('outer', { cause }) });
    expect(JSON.parse(lines[0] ?? '').error).toEqual({
      name: 'TypeError',
      message: 'outer',
      cause: { name: 'Error', code: 'ENOSPC', message: 'no space' },
    });
    expect(lines[0]).not.toContain('log.test');
  });

  it('leaves out lines below the level', () => {
    const lines: string[] = [];
    const log = createLog({ write: (line) => lines.push(line), format: 'json' });
    log('debug', 'quiet');
    log('info', 'loud');
    expect(lines).toHaveLength(1);
  });
});

describe('escapeText', () => {
  it('leaves letters of every script alone', () => {
    expect(escapeText('Grüße 東京 🚀')).toBe('Grüße 東京 🚀');
  });
});
