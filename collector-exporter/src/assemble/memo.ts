import type { SpanReport } from '../report.ts';
import { type Evidence, type Slot, slotKey } from './window.ts';

/** What is kept beside an exported request, so that a later fact can correct it. */
interface Memo {
  readonly n: number;
  readonly revision: number;
  readonly first: number;
  readonly last: number;
  readonly dataPlane?: string;
  readonly server?: SpanReport;
  readonly slots: readonly Slot[];
}

/** Evidence of an exported request with its number and revision, as JSON text. */
export function writeMemo(evidence: Evidence, n: number, revision: number): string {
  const memo: Memo = {
    n,
    revision,
    first: evidence.first,
    last: evidence.last,
    ...(evidence.dataPlane !== undefined && { dataPlane: evidence.dataPlane }),
    ...(evidence.server !== undefined && { server: evidence.server }),
    slots: [...evidence.slots.values()],
  };
  return JSON.stringify(memo);
}

/** The inverse of `writeMemo`; the text is our own, so it is trusted. */
export function readMemo(text: string): { evidence: Evidence; n: number; revision: number } {
  const memo = JSON.parse(text) as Memo;
  const slots = new Map<string, Slot>();
  for (const slot of memo.slots) {
    const report = slot.usage ?? slot.span;
    if (report?.attemptIndex !== undefined) slots.set(slotKey(report.attemptIndex, report.attemptKind), slot);
  }
  const evidence: Evidence = {
    first: memo.first,
    last: memo.last,
    ...(memo.dataPlane !== undefined && { dataPlane: memo.dataPlane }),
    ...(memo.server !== undefined && { server: memo.server }),
    slots,
  };
  return { evidence, n: memo.n, revision: memo.revision };
}
