import { setPriority } from 'node:os';

/** Nice value of this thread: a third of the share of the thread that acknowledges, all of it when that one is idle. */
const LESS_URGENT = 5;

/**
 * Where the processor is short, senders who wait for an acknowledgement go before what waits on disk anyway. Only on
 * Linux is this the priority of the calling thread; elsewhere it would be that of the whole process.
 */
export function yieldToReceivers(): void {
  if (process.platform === 'linux') setPriority(LESS_URGENT);
}
