import { readFileSync, renameSync } from 'node:fs';
import { type Log, writeFileDurably } from '@aisix-observability/pipeline';
import type { z } from 'zod';

/** Something that survives a restart. */
export interface Memory<T> {
  /** Undefined when there is nothing yet. @throws MemoryError when there is something that cannot be used. */
  load(): T | undefined;
  /** Returns once it would survive a power failure. */
  save(value: T): void;
}

export class MemoryError extends Error {
  /** `memory_unreadable`: damaged; it was put aside under another name. `memory_newer`: of a newer version. */
  readonly code: 'memory_unreadable' | 'memory_newer';

  constructor(code: 'memory_unreadable' | 'memory_newer', message: string) {
    super(message);
    this.name = 'MemoryError';
    this.code = code;
  }
}

/** Keeps a value as JSON in a file that only its owner can read. What is kept carries `version: 1`. */
export function jsonMemory<T>(path: string, schema: z.ZodType<T>): Memory<T> {
  return {
    load() {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      let found: unknown;
      try {
        found = JSON.parse(text);
      } catch {
        found = undefined;
      }
      const { version } = (found ?? {}) as { readonly version?: unknown };
      if (typeof version === 'number' && version > 1) {
        throw new MemoryError('memory_newer', `found a memory of version ${version}, expected version 1`);
      }
      const parsed = schema.safeParse(found);
      if (!parsed.success) {
        renameSync(path, `${path}.bad`);
        throw new MemoryError('memory_unreadable', 'found a damaged memory and put it aside');
      }
      return parsed.data;
    },
    save: (value) => writeFileDurably(path, JSON.stringify(value)),
  };
}

/**
 * What is remembered; nothing when it was damaged.
 *
 * @throws MemoryError when it is of a newer version, which must not be overwritten, and errors of the disk: a failing
 * one must not be taken for an empty one.
 */
export function loadMemory<T>(memory: Memory<T>, log: Log, labels: { readonly feed: string }): T | undefined {
  try {
    return memory.load();
  } catch (error) {
    if (!(error instanceof MemoryError) || error.code === 'memory_newer') throw error;
    log('error', 'A feed begins anew: its memory was damaged and is put aside.', { ...labels, code: error.code });
    return undefined;
  }
}
