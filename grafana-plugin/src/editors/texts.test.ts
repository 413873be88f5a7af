import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import texts from '../locales/en-US/aisix-observability-datasource.json';

const CALL = /\bt\(\s*'([^']+)',\s*'((?:[^'\\]|\\.)*)'/g;

const used = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.tsx') && !name.includes('.test.'))
  .flatMap((name) => [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(CALL)])
  .map(([, key = '', text = '']) => [key, text] as const);

const known = Object.entries(texts).flatMap(([group, entries]) =>
  Object.entries(entries).map(([name, text]) => [`${group}.${name}`, text] as const),
);

describe('texts of the editors', () => {
  it('are those of the English file, no more and no fewer', () => {
    expect(used.length).toBeGreaterThan(40);
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(used));
  });
});
