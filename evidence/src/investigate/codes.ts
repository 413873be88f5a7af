import type { RequestShape, RequestWindow } from './model.ts';

/** Of evidence: its combinations as numbers. */
export interface Combined {
  readonly window: RequestWindow;
  /** By combination: index into `window.shapes`, and into `window.results`. */
  readonly shapeNumber: Uint32Array;
  readonly resultNumber: Uint32Array;
  /** Remembers what `make` answers, under a name. */
  remember<Value>(name: string, make: () => Value): Value;
}

/** Fields of a shape that are texts. */
export type CodedField = Exclude<keyof RequestShape, 'stream' | 'reconstructed'>;

/** One field of all combinations as numbers, so that a question is asked once per different value. */
export interface Codes {
  readonly values: readonly (string | undefined)[];
  /** By combination: index into `values`. */
  readonly code: Uint32Array;
}

/** Numbers every different answer of `nameOf`, which is asked once per shape. */
export function codesOf(evidence: Combined, nameOf: (shape: RequestShape) => string | undefined): Codes {
  const { window, shapeNumber } = evidence;
  const values: (string | undefined)[] = [];
  const numbers = new Map<string | undefined, number>();
  const byShape = new Uint32Array(window.shapes.length);
  for (let shape = 0; shape < window.shapes.length; shape++) {
    const value = nameOf(window.shapes[shape] as RequestShape);
    let number = numbers.get(value);
    if (number === undefined) {
      number = values.push(value) - 1;
      numbers.set(value, number);
    }
    byShape[shape] = number;
  }
  const code = new Uint32Array(shapeNumber.length);
  for (let number = 0; number < code.length; number++) code[number] = byShape[shapeNumber[number] ?? 0] ?? 0;
  return { values, code };
}

/** A field of all combinations. */
export function coded(evidence: Combined, field: CodedField): Codes {
  return evidence.remember(`codes ${field}`, () => codesOf(evidence, (shape) => shape[field]));
}

/** By code: 1 where a set has the value. */
export function maskOf({ values }: Codes, set: ReadonlySet<string>): Uint8Array {
  return Uint8Array.from(values, (value) => (value !== undefined && set.has(value) ? 1 : 0));
}
