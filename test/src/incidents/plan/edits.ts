import type { Random } from '../../gateway/random.ts';
import type { Document } from '../world/documents.ts';

/** What is done to a document. */
export type Edit = (document: Document) => Document;

/** Sets one field, by its path. */
export function set(path: readonly string[], value: unknown): Edit {
  return (document) => {
    const [field = '', ...rest] = path;
    if (rest.length === 0) return { ...document, [field]: value };
    const inside = document[field];
    return {
      ...document,
      [field]: set(rest, value)(typeof inside === 'object' && inside !== null ? (inside as Document) : {}),
    };
  };
}

/** Multiplies one number. */
export function scale(path: readonly string[], factor: number): Edit {
  return (document) => {
    const value = path.reduce<unknown>((at, field) => (at as Document | undefined)?.[field], document);
    return set(path, Math.max(1, Math.round(Number(value) * factor)))(document);
  };
}

/** A value that no document had before. */
export const fresh = (random: Random, before: string) => `${before}-${random.word(6)}`;
