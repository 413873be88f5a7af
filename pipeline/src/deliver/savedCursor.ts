import type { Cursors } from '../stream/stream.ts';
import type { Clock } from './clock.ts';
import { CURSOR_LAG_MILLIS } from './limits.ts';

/**
 * A place that is written down a little later than it moves, since each writing is a flush of the disk. After a crash
 * the rows in between are sent once more; their ids are the same, so a lag costs duplicates and never data.
 */
export interface SavedCursor {
  moved(position: number): void;
  /** Writes it down now; throws nothing, a failure is tried again with the next move. */
  flush(): void;
  /** Never writes again. */
  discard(): void;
}

export interface SavedCursorOptions {
  readonly cursors: Cursors;
  readonly reader: string;
  readonly clock: Clock;
  onSaved?(): void;
  onFailed(error: unknown): void;
}

export function createSavedCursor(options: SavedCursorOptions): SavedCursor {
  const { clock } = options;
  let wanted: number | undefined;
  let cancel: (() => void) | undefined;
  let isDiscarded = false;

  const flush = () => {
    cancel?.();
    cancel = undefined;
    if (wanted === undefined || isDiscarded) return;
    try {
      options.cursors.set(options.reader, wanted);
      wanted = undefined;
      options.onSaved?.();
    } catch (error) {
      options.onFailed(error);
    }
  };

  return {
    moved(position) {
      wanted = position;
      if (!isDiscarded) cancel ??= clock.after(CURSOR_LAG_MILLIS, flush);
    },
    flush,
    discard() {
      isDiscarded = true;
      cancel?.();
    },
  };
}
