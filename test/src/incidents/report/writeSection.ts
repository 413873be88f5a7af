import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- measured: begin (written by `pnpm incidents --write`) -->';
const END = '<!-- measured: end -->';

/** Puts the text between the two marks of a document. */
export function betweenMarks(document: string, text: string): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new RangeError('The document has no marks for what is measured.');
  return `${document.slice(0, from + BEGIN.length)}\n\n${text}\n\n${document.slice(to)}`;
}

export function writeSection(file: URL, text: string): void {
  writeFileSync(file, betweenMarks(readFileSync(file, 'utf8'), text));
}
