import type { ObservabilityQuery } from './model';
import { ofReadable } from './readable';

/** Whether there is anything to ask yet; a query that is being built is not sent. */
export function isRunnable(query: ObservabilityQuery): boolean {
  if (query.hide === true) return false;
  switch (query.queryType) {
    case 'metrics':
      return query.measures.length > 0;
    case 'trace':
      return query.requestId.trim() !== '';
    case 'investigation':
      return query.about !== 'change' || query.changeId.trim() !== '';
    default:
      return true;
  }
}

/** Also of a saved query; one that cannot be read is run, and fails in words. */
export const isRunnableSaved = (saved: ObservabilityQuery): boolean => ofReadable(saved, isRunnable, true);
