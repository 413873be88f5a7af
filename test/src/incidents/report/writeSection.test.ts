import { expect, it } from 'vitest';
import { betweenMarks } from './writeSection.ts';

it('puts the text between the marks and leaves the rest alone', () => {
  const document = [
    '# Title',
    '<!-- measured: begin (written by `pnpm incidents --write`) -->',
    'old',
    '<!-- measured: end -->',
    'after',
  ].join('\n');
  const written = betweenMarks(document, 'new');
  expect(written).toContain('-->\n\nnew\n\n<!-- measured: end -->\nafter');
  expect(written).not.toContain('old');
  expect(betweenMarks(written, 'new')).toBe(written);
  expect(() => betweenMarks('# Title', 'new')).toThrow('no marks');
});
