import type { UsageReport } from '../report.ts';
import { createSlots } from './archiveSlots.ts';

/** Gathers the events of many small files into deliveries of a good size: one commit for each file would be slow. */
export interface Packer {
  /** Takes some reports; `durable` is called once they are. Resolves when there is room for more. */
  add(reports: readonly UsageReport[], durable: () => void): Promise<void>;
  /** Sends what is left. */
  flush(): Promise<void>;
  /** Resolves when nothing is being sent any more. */
  idle(): Promise<void>;
}

export interface PackerOptions {
  readonly maxEvents: number;
  readonly packsAtOnce: number;
  /** Resolves when the reports are durable. */
  readonly send: (reports: readonly UsageReport[]) => Promise<void>;
  /** Hears why some could not be sent; their `durable` is never called. */
  readonly onError: (error: unknown) => void;
}

export function createPacker({ maxEvents, packsAtOnce, send, onError }: PackerOptions): Packer {
  const slots = createSlots(packsAtOnce);
  const sending = new Set<Promise<void>>();
  let reports: UsageReport[] = [];
  let waiting: (() => void)[] = [];

  async function flush(): Promise<void> {
    if (reports.length === 0) return;
    const pack = reports;
    const notify = waiting;
    reports = [];
    waiting = [];
    const giveBack = await slots.take();
    const one: Promise<void> = send(pack)
      .then(() => {
        for (const durable of notify) durable();
      })
      .catch(onError)
      .finally(() => {
        giveBack();
        sending.delete(one);
      });
    sending.add(one);
  }

  return {
    async add(more, durable) {
      if (reports.length + more.length > maxEvents) await flush();
      for (const report of more) reports.push(report);
      waiting.push(durable);
      if (reports.length >= maxEvents) await flush();
    },
    flush,
    async idle() {
      while (sending.size > 0) await Promise.all(sending);
    },
  };
}
