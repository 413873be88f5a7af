import type { ConfigPath } from './interpolate.ts';

/** Something that only shows when two places of the file are seen together. */
export interface CrossProblem {
  readonly path: ConfigPath;
  readonly expected: string;
  /** Safe text; absent: what stands at the path is shown by the usual rules. */
  readonly found?: string;
  readonly hint?: string;
}

/** The value as a section of a document that no schema has seen; an empty one where it is none. */
export const record = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** The value as a list; an empty one where it is none. */
export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
