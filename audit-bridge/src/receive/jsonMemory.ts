import { type Log, type StateFile, StateFileError, stateFile } from '@aisix-observability/pipeline';
import type { z } from 'zod';

/** What a feed remembers over a restart. */
export type Memory<T> = StateFile<T>;

/** Keeps a value in a file. What is kept carries `version: 1`. */
export function jsonMemory<T>(path: string, schema: z.ZodType<T>): Memory<T> {
  return stateFile(path, (found) => schema.safeParse(found).data);
}

/**
 * What is remembered; nothing when it was damaged.
 *
 * @throws StateFileError when it is of a newer version, which must not be overwritten, and errors of the disk: a failing
 * one must not be taken for an empty one.
 */
export function loadMemory<T>(memory: Memory<T>, log: Log, labels: { readonly feed: string }): T | undefined {
  try {
    return memory.load();
  } catch (error) {
    if (!(error instanceof StateFileError) || error.code === 'state_newer') throw error;
    log('error', 'A feed begins anew: its memory was damaged and is put aside.', { ...labels, code: error.code });
    return undefined;
  }
}
