import type { DayFiles } from './days/dayFiles.ts';
import type { Engine } from './engine/engine.ts';
import type { Gate } from './engine/gate.ts';

/** What the methods of one open store share. */
export interface StoreParts {
  readonly engine: Engine;
  readonly gate: Gate;
  readonly days: DayFiles;
  /** Secret of this store; see `requestKey`. */
  readonly salt: string;
  readonly hash: (text: string) => string;
  position(): number;
}
