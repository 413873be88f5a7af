import { join } from 'node:path';
import { z } from 'zod';
import type { SourceState } from '../../adapt/sourceState.ts';
import { jsonMemory, type Memory } from '../jsonMemory.ts';
import type { SilenceState } from '../silence.ts';

/** A source's resources as last told, and of which source, by whose key. */
export interface RememberedSource {
  readonly version: 1;
  /** Of another place nothing here is true. */
  readonly place: string;
  /** Keyed digest of a constant: under another key nothing here can be compared. */
  readonly keyCheck: string;
  readonly state: SourceState;
}

export interface RememberedSilence extends SilenceState {
  readonly version: 1;
  /** Of sources: beginning of the last look that found what is remembered of it. */
  readonly seenAt?: number;
}

/** What a watcher keeps. The second changes every few seconds, the first only with the configuration. */
export interface WatchMemory {
  readonly source: Memory<RememberedSource>;
  readonly silence: Memory<RememberedSilence>;
}

const held = z.object({
  digest: z.string(),
  fields: z.record(z.string(), z.string()),
  revision: z.number().optional(),
  name: z.string().optional(),
  value: z.record(z.string(), z.unknown()),
});

const rememberedSource = z.object({
  version: z.literal(1),
  place: z.string(),
  keyCheck: z.string(),
  state: z.object({
    version: z.literal(1),
    since: z.number(),
    generation: z.number(),
    seenAt: z.number(),
    resources: z.record(
      z.string(),
      z.object({
        kind: z.string(),
        id: z.string(),
        desired: held.optional(),
        stale: held.extend({ since: z.number().optional() }).optional(),
      }),
    ),
  }),
}) as z.ZodType<RememberedSource>;

const rememberedSilence = z.object({
  version: z.literal(1),
  heardAt: z.number(),
  seenAt: z.number().optional(),
  open: z.object({ from: z.number(), reason: z.string() }).optional(),
}) as z.ZodType<RememberedSilence>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Keeps a watcher's memory in `<dataDir>/watch/<name>.json` and `<name>.heard.json`.
 *
 * @throws RangeError when the name cannot be a file name.
 */
export function fileWatchMemory(dataDir: string, name: string): WatchMemory {
  return {
    source: jsonMemory(memoryPath(dataDir, name, 'json'), rememberedSource),
    silence: fileSilenceMemory(dataDir, name),
  };
}

/** Only when a feed was heard. */
export function fileSilenceMemory(dataDir: string, name: string): Memory<RememberedSilence> {
  return jsonMemory(memoryPath(dataDir, name, 'heard.json'), rememberedSilence);
}

export function memoryPath(dataDir: string, name: string, ending: string): string {
  if (!NAME.test(name)) {
    throw new RangeError('the name of a feed must be 1 to 100 letters, digits, dots, dashes or underscores');
  }
  return join(dataDir, 'watch', `${name}.${ending}`);
}
