import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AMBIGUOUS, hasDuplicateKeys, markAmbiguous } from './duplicateKeys.ts';

const found = (text: string) => hasDuplicateKeys(text, JSON.parse(text));

const blanks = fc.string({ unit: fc.constantFrom(' ', '\n', '\t'), maxLength: 2 });

describe('duplicate keys', () => {
  it.each([
    '{"a":1,"a":2}',
    '{"a":1, "\\u0061" : 1}',
    '[[{"b":{"__proto__":1,"__proto__":2}}]]',
    '{"a:b":1,"a:b":"c"}',
    '{"":{},"":[]}',
    '{"a" :1,"b":2,"b":3}',
    '{"a"\n\t:":","a":":","b" : "\\":"}',
  ])('are found: %s', (text) => {
    expect(found(text)).toBe(true);
  });

  it.each([
    '{}',
    '"a:b"',
    '[]',
    '{"a":{"a":{"a":"a:\\"a\\":"}},"b":[{"a":1},{"a":1}]}',
    '{"__proto__":1,"constructor":2}',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  ])('are not seen where there are none: %s', (text) => {
    expect(found(text)).toBe(false);
  });

  it('are never seen in what a JSON writer wrote, and always once a member is written twice', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 5 }),
        fc.string({ unit: fc.constantFrom('a', '"', ':', '\\', '\u0000', 'é') }),
        blanks,
        (value, key, blank) => {
          expect(found(JSON.stringify({ value, key, [key]: [key] }, undefined, blank))).toBe(false);
          const member = `${JSON.stringify(key)}${blank}:${JSON.stringify(value)}`;
          expect(found(`[1,{${member},"between":[],${member}}]`)).toBe(true);
        },
      ),
    );
  });
});

describe('marking', () => {
  const mark = (text: string, lists: readonly string[]) => {
    const value = JSON.parse(text);
    return [markAmbiguous(text, value, lists), value];
  };

  it('replaces the elements that hold them, however deep', () => {
    expect(mark('{"events":[{"a":1,"a":2},{"a":1},{"b":[{"c":1,"c":2}]},3]}', ['events'])).toEqual([
      true,
      { events: [AMBIGUOUS, { a: 1 }, AMBIGUOUS, 3] },
    ]);
    expect(mark('{"r":[0,{"s":[{"x":1,"t":[1,{"a":1,"a":1}]}]}]}', ['r', 's', 't'])).toEqual([
      true,
      { r: [0, { s: [{ x: 1, t: [1, AMBIGUOUS] }] }] },
    ]);
  });

  it.each(['{"events":[],"events":[{}]}', '{"events":[{"a":1,"a":1}],"x":{"a":1,"a":1}}', '[[{"a":1,"a":1}]]'])(
    'says when they are elsewhere: %s',
    (text) => expect(mark(text, ['events'])[0]).toBe(false),
  );
});
