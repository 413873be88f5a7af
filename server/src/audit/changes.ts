import { createKeyedHash, createRedactor } from '@aisix-observability/audit-bridge';
import type { ChangeSource } from '../api/routes/changes.ts';
import type { Config } from '../config/config.ts';
import { keyOf } from '../config/redactionKey.ts';
import type { ChangeReader } from './auditThread.ts';
import { shownGap } from './markers.ts';

/** Changes for audit readers, with the gaps of their range. */
export function changeSource(changes: ChangeReader, config: Config): ChangeSource {
  const redactor = createRedactor({ hash: createKeyedHash(keyOf(config)) });
  return {
    async search(query, signal) {
      const [page, gaps] = await Promise.all([changes.search(query, signal), changes.gaps(query, signal)]);
      return { ...page, gaps: gaps.map(shownGap) };
    },
    get: (id, signal) => changes.get(id, signal),
    setVerdict: (id, verdict) => changes.setVerdict(id, verdict),
    redact: (text) => redactor.freeText(text),
  };
}
