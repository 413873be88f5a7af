import type { DatabaseFile } from '@aisix-observability/pipeline';
import type { Derivation } from './derive.ts';
import { FROM_VERSION_1 } from './format.ts';
import type { ObservationIds } from './observationIds.ts';
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
    for (const { seq, type, body } of rows.all()) {
      if (type === 'verdict' || type === 'tombstone') continue;
      const { observationId } = JSON.parse(body) as { readonly observationId: string };
      ids.number(observationId, seq);
    }
    derived.rebuild();
  });
}
