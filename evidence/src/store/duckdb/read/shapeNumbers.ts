import type { ShapeParts } from '../../../investigate/packedWindow.ts';
import { KnownThings } from './knownThings.ts';
import { sharedNumbers } from './sharedColumns.ts';

/** Numbers the shapes that occur, in the order of their first requests. */
export interface ShapeNumbers {
  /** Given the numbers of parts of some requests. */
  of(model: Int32Array, caller: Int32Array, way: Int32Array): Int32Array;
  columns(): Pick<ShapeParts, 'model' | 'caller' | 'way'>;
}

/** Two numbers of at most 26 bits, more than a window has rows, as one double. */
const PAIR = 2 ** 26;

/** Numbers every different pair. */
function pairNumbers(): (left: Int32Array, right: Int32Array) => Int32Array {
  const pairs = new KnownThings<never>();
  return (left, right) => {
    const keys = new Float64Array(left.length);
    for (let row = 0; row < keys.length; row += 1) keys[row] = (left[row] ?? 0) * PAIR + (right[row] ?? 0);
    return pairs.placesOf(keys);
  };
}

export function shapeNumbers(): ShapeNumbers {
  const [asked, shapes] = [pairNumbers(), pairNumbers()];
  const [model, caller, way]: [number[], number[], number[]] = [[], [], []];
  return {
    of(ofModel, ofCaller, ofWay) {
      const numbers = shapes(asked(ofModel, ofWay), ofCaller);
      for (let row = 0; row < numbers.length; row += 1) {
        if ((numbers[row] ?? 0) < model.length) continue;
        model.push(ofModel[row] ?? 0);
        caller.push(ofCaller[row] ?? 0);
        way.push(ofWay[row] ?? 0);
      }
      return numbers;
    },
    columns: () => ({ model: sharedNumbers(model), caller: sharedNumbers(caller), way: sharedNumbers(way) }),
  };
}
