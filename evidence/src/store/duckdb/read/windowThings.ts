import type { RequestResult } from '../../../investigate/model.ts';
import type { CallerPart, WayPart } from '../../../investigate/packedWindow.ts';
import { KnownThings } from './knownThings.ts';
import type { ModelPart } from './windowColumns.ts';

/** Things of one kind that are kept between windows: results, the largest, then take some 10 MB. */
const MOST_THINGS = 20_000;

/** What windows of a store share, for a window that begins. */
export interface WindowThings {
  models(): KnownThings<ModelPart>;
  callers(): KnownThings<CallerPart>;
  ways(): KnownThings<WayPart>;
  results(): KnownThings<RequestResult>;
}

/** Forgets a kind when there are too many of it; windows that are being read keep what they have. */
function kept<Thing>(): () => KnownThings<Thing> {
  let known = new KnownThings<Thing>();
  return () => {
    if (known.size > MOST_THINGS) known = new KnownThings<Thing>();
    return known;
  };
}

export const windowThings = (): WindowThings => ({ models: kept(), callers: kept(), ways: kept(), results: kept() });
