import { SourceError, type SourceFault } from './sourceFault.ts';

export interface WatcherHealth {
  readonly state: 'starting' | 'ok' | 'failing' | 'closed';
  readonly fault?: SourceFault;
  /** Last successful look, epoch milliseconds. */
  readonly heardAt?: number;
}

/** How a watcher does, by what it last met. */
export function watcherHealth(
  isClosed: boolean,
  fault: SourceFault | undefined,
  heardAt: number | undefined,
): WatcherHealth {
  const open = fault !== undefined ? 'failing' : heardAt === undefined ? 'starting' : 'ok';
  return {
    state: isClosed ? 'closed' : open,
    ...(fault === undefined ? {} : { fault }),
    ...(heardAt === undefined ? {} : { heardAt }),
  };
}

/** What went wrong with a look; of what nobody foresaw nothing is told but that. */
export function faultOfLook(error: unknown): SourceFault {
  return error instanceof SourceError
    ? error.fault
    : { code: 'unexpected', message: 'an unforeseen error', transient: true };
}
