import type { DayFiles } from './days/dayFiles.ts';
import type { Engine } from './engine/engine.ts';
import type { Gate } from './engine/gate.ts';
import type { WindowThings } from './read/windowThings.ts';
import type { KeyIndex } from './write/keyIndex.ts';

/** What the methods of one open store share. */
export interface StoreParts {
  readonly engine: Engine;
  readonly gate: Gate;
  readonly days: DayFiles;
  readonly keys: KeyIndex;
  readonly hash: (text: string) => string;
  readonly things: WindowThings;
  position(): number;
}
