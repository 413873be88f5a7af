import type { DayFiles } from './days/dayFiles.ts';
import type { Engine } from './engine/engine.ts';
import type { Gate } from './engine/gate.ts';

/** What the methods of one open store share. */
export interface StoreParts {
  readonly engine: Engine;
  readonly gate: Gate;
  readonly days: DayFiles;
  readonly hash: (text: string) => string;
  position(): number;
}
