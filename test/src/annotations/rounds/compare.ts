import { createGrafanaAnnotations, eventTag, openLedger } from '@aisix-observability/audit-bridge';
import type { KeptAnnotation } from '../../fakes/grafanaStore.ts';

const PAGE = 500;

/** Holds what stands in Grafana against the ledger: each change in one marker, each marker drawn once, in its place. */
export function compare(
  directory: string,
  annotations: ReadonlyMap<number, KeptAnnotation>,
  theirs: readonly Partial<KeptAnnotation>[],
  expected: number,
): { changes: number; markers: number; wrong: string[] } {
  const wrong: string[] = [];
  const ledger = openLedger(`${directory}/ledger.db`);
  const book = createGrafanaAnnotations({ path: `${directory}/markers.db`, source: ledger, targets: [] });
  const held = new Map<string, { at: number[]; names: string[] }>();
  let changes = 0;
  for (let version = 0; ; ) {
    const page = ledger.versionsAfter(version, PAGE);
    for (const one of page) {
      version = one.version;
      if (!('change' in one)) continue;
      changes += 1;
      const burst = book.burstOf(one.id);
      if (burst === undefined) {
        wrong.push(`change ${one.id} is in no marker`);
        continue;
      }
      const entry = held.get(burst.id) ?? { at: [], names: [] };
      entry.at.push(Math.round(one.change.occurredAt));
      held.set(burst.id, entry);
    }
    if (page.length < PAGE) break;
  }
  if (changes !== expected) wrong.push(`${changes} changes in the ledger instead of ${expected}`);

  const byTag = Map.groupBy(
    [...annotations.values()].filter(({ id }) => !theirs.some((other) => other.id === id)),
    ({ tags }) => tags.find((tag) => tag.startsWith('evt_')) ?? 'none',
  );
  for (const [id, { at }] of held) {
    const drawn = byTag.get(eventTag(id)) ?? [];
    byTag.delete(eventTag(id));
    const [only] = drawn;
    if (only === undefined || drawn.length > 1) {
      wrong.push(`marker ${id} is drawn ${drawn.length} times`);
      continue;
    }
    const [start, end] = [Math.min(...at), Math.max(...at)];
    if (only.time !== start || only.timeEnd !== end) {
      wrong.push(`marker ${id} is drawn at ${only.time} to ${only.timeEnd} instead of ${start} to ${end}`);
    }
    const counted = at.length === 1 ? !/^\d+ changes/.test(only.text) : only.text.startsWith(`${at.length} changes `);
    if (!counted) wrong.push(`marker ${id} of ${at.length} changes says ${JSON.stringify(only.text)}`);
  }
  for (const [tag, left] of byTag) wrong.push(`${left.length} annotations of ${tag} belong to no marker`);
  for (const their of theirs) {
    const now = annotations.get(their.id ?? 0);
    if (JSON.stringify(now) !== JSON.stringify(their)) wrong.push(`an annotation of somebody else was touched`);
  }
  void book.close(0);
  void ledger.close();
  return { changes, markers: held.size, wrong };
}
