import type { Log } from '@aisix-observability/pipeline';
import { z } from 'zod';
import { jsonMemory, loadMemory } from './jsonMemory.ts';
import { AuditPollError } from './pollFault.ts';
import type { OpenGap } from './pollGap.ts';
import { memoryPath } from './watch/watchMemory.ts';

/** How far one log has been read. Holds nothing of its rows but a time and the log's own cursor. */
export interface PollState {
  readonly version: 1;
  /** Epoch milliseconds; rows up to here are durable, but for those that are written later than the overlap. */
  readonly readUntil: number;
  readonly lastSuccessAt: number;
  readonly cursor?: string;
  /** A gap that was told, or is about to be, and has not ended. */
  readonly open?: OpenGap;
}

/** Keeps the state of one poller over restarts. */
export interface PollStateStore {
  load(): Promise<PollState | undefined>;
  save(state: PollState): Promise<void>;
}

const pollState = z.object({
  version: z.literal(1),
  readUntil: z.number(),
  lastSuccessAt: z.number(),
  cursor: z.string().optional(),
  open: z.object({ from: z.number(), reason: z.string() }).optional(),
}) as z.ZodType<PollState>;

/** Keeps it in `<dataDir>/watch/<name>.poll.json`. @throws RangeError when the name cannot be a file name. */
export function filePollState(dataDir: string, name: string, log: Log): PollStateStore {
  const memory = jsonMemory(memoryPath(dataDir, name, 'poll.json'), pollState);
  return {
    load: async () => loadMemory(memory, log, { feed: name }),
    save: async (state) => memory.save(state),
  };
}

/** @throws AuditPollError `state_failed`. */
export async function loaded(store: PollStateStore): Promise<PollState | undefined> {
  try {
    return await store.load();
  } catch {
    throw new AuditPollError('state_failed');
  }
}

/** @throws AuditPollError `state_failed`. */
export async function saved(store: PollStateStore, state: PollState): Promise<void> {
  try {
    await store.save(state);
  } catch {
    throw new AuditPollError('state_failed');
  }
}
