import { StoreUnavailableError } from '../../store.ts';

/** What the engine says, as the error that callers of a store expect. */
export function unavailable(error: unknown): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreUnavailableError(`the store could not do it: ${message.slice(0, 500)}`, { cause: error });
}
