import { quote } from '../config/problem.ts';

/** What somebody sent, for a refusal: in quotes, cut, without characters that hide or reorder text. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? quote(value) : value === undefined ? 'nothing' : 'something that is no text';
