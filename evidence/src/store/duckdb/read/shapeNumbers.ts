import type { ShapeParts } from '../../../investigate/packedWindow.ts';
import { sharedNumbers } from './sharedColumns.ts';

/** Combinations of parts up to this are looked up in a table of 8 MiB at most; of more there is a map. */
const MOST_IN_TABLE = 2 ** 21;

/** Numbers the shapes that occur, in the order of their first requests. */
export interface ShapeNumbers {
  /** Given the numbers of its parts. */
  of(model: number, caller: number, way: number): number;
  columns(): Pick<ShapeParts, 'model' | 'caller' | 'way'>;
}

/** @param count how many there are of each part */
export function shapeNumbers(count: {
  readonly models: number;
  readonly callers: number;
  readonly ways: number;
}): ShapeNumbers {
  const { models, callers, ways } = count;
  const possible = models * callers * ways;
  const lookUp = possible <= MOST_IN_TABLE ? inTable(possible) : inMap();
  const [model, caller, way]: [number[], number[], number[]] = [[], [], []];
  return {
    of(ownModel, ownCaller, ownWay) {
      const known = lookUp((ownCaller * models + ownModel) * ways + ownWay, model.length);
      if (known < model.length) return known;
      model.push(ownModel);
      caller.push(ownCaller);
      way.push(ownWay);
      return known;
    },
    columns: () => ({ model: sharedNumbers(model), caller: sharedNumbers(caller), way: sharedNumbers(way) }),
  };
}

/** The number that was given to a key, or else `next`, which is from now on. */
type LookUp = (key: number, next: number) => number;

function inTable(possible: number): LookUp {
  // One more than the number: 0 is none.
  const table = new Uint32Array(possible);
  return (key, next) => {
    const known = table[key] ?? 0;
    if (known > 0) return known - 1;
    table[key] = next + 1;
    return next;
  };
}

function inMap(): LookUp {
  const numbers = new Map<number, number>();
  return (key, next) => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, next);
    return next;
  };
}
