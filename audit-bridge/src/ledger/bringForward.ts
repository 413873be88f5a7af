import type { DatabaseFile } from '@aisix-observability/pipeline';
import type { Derivation } from './derive.ts';
import { FROM_VERSION_1 } from './format.ts';
import { type ObservationIds, takenIn } from './observationIds.ts';
import type { RowLog } from './rowLog.ts';

/** Brings a ledger that an earlier version wrote forward, in one transaction. Its rows stay as they are. */
export function bringForward(
  file: DatabaseFile,
  open: () => { readonly rows: RowLog; readonly ids: ObservationIds; readonly derived: Derivation },
): void {
  if (file.db.prepare('PRAGMA user_version').get()?.user_version !== 1) return;
  file.transact(() => {
    file.db.exec(FROM_VERSION_1);
    const { rows, ids, derived } = open();
    for (const row of rows.all()) {
      const observation = takenIn(row);
      if (observation !== undefined) ids.number(observation, row.seq);
    }
    derived.rebuild();
  });
}
