import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ledger, openLedger } from '@aisix-observability/audit-bridge';
import type { ConfigChange } from '@aisix-observability/evidence';
import { signedEvents, statusReports, watched } from '../../../audit-bridge/src/ledger/testing/story.ts';
import { RECORDED_DATA_PLANE, type StoryName } from '../recordings/index.ts';

/** The changes of a recorded evening in a ledger, as watched on its data plane and told by signed events. */
export interface StoryLedger {
  readonly ledger: Ledger;
  readonly changes: readonly ConfigChange[];
  close(): Promise<void>;
}

export async function storyLedger(story: StoryName): Promise<StoryLedger> {
  const directory = mkdtempSync(join(tmpdir(), 'aisix-ledger-'));
  const ledger = openLedger(join(directory, 'changes.db'));
  await ledger.observe([
    ...watched(story, RECORDED_DATA_PLANE),
    ...statusReports(story, RECORDED_DATA_PLANE),
    ...signedEvents(story),
  ]);
  const changes = ledger.versionsAfter(0, 1_000).flatMap((version) => ('change' in version ? [version.change] : []));
  return {
    ledger,
    changes,
    async close() {
      await ledger.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
