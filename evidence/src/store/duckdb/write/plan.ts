import type { Slot } from '../days/dayFiles.ts';
import { SLOT_MICROS } from '../sql/slots.ts';
import type { StagedVersion } from './encode.ts';

/** A row that the store already has of a staged request; `day` is undefined in the table of open requests. */
export interface HeldCopy {
  /** Number of the staged version. */
  readonly id: number;
  readonly day: number | undefined;
  readonly row: number;
  readonly seq: number;
  readonly startMicros: number;
}

/** What one batch changes. */
export interface WritePlan {
  /** Numbers of staged versions that the store has already, in this or a later version. */
  readonly dropped: readonly number[];
  /** By day: rows that are added. */
  readonly inserts: ReadonlyMap<number, { readonly maxSeq: number }>;
  /** By day: row ids that go. */
  readonly deletes: ReadonlyMap<number, readonly number[]>;
  /** Row ids that leave the table of open requests. */
  readonly closed: readonly number[];
  /** How many are added to it. */
  readonly opens: number;
  /** Slots that this batch touches. */
  readonly slots: readonly number[];
  /** State of the slots of a day that this batch touches: what was rolled up is so no more. */
  slotsAfter(day: number, before: ReadonlyMap<number, Slot>): Map<number, Slot>;
}

export function slotOf(startMicros: number): number {
  return Math.floor(startMicros / SLOT_MICROS);
}

export function planOf(staged: readonly StagedVersion[], copies: readonly HeldCopy[]): WritePlan {
  const newestHeld = new Map<number, number>();
  for (const { id, seq } of copies) newestHeld.set(id, Math.max(newestHeld.get(id) ?? 0, seq));
  const dropped: number[] = [];
  const inserts = new Map<number, { maxSeq: number }>();
  const deletes = new Map<number, number[]>();
  const closed: number[] = [];
  const changes = new Map<number, Map<number, number>>();
  const change = (day: number, startMicros: number, by: number) => {
    const slots = changes.get(day) ?? new Map<number, number>();
    changes.set(day, slots);
    const slot = slotOf(startMicros);
    slots.set(slot, (slots.get(slot) ?? 0) + by);
  };
  let opens = 0;
  staged.forEach(({ seq, open, day, startMicros }, id) => {
    if ((newestHeld.get(id) ?? -1) >= seq) dropped.push(id);
    else if (open) opens += 1;
    else {
      const into = inserts.get(day);
      if (into === undefined) inserts.set(day, { maxSeq: seq });
      else into.maxSeq = Math.max(into.maxSeq, seq);
      change(day, startMicros, 1);
    }
  });
  for (const { id, day, row, seq, startMicros } of copies) {
    const newest = newestHeld.get(id) ?? 0;
    // Of two copies, which only a crash between two files leaves, the newest stays.
    if (newest >= (staged[id]?.seq ?? 0) && seq === newest) continue;
    if (day === undefined) closed.push(row);
    else {
      const rows = deletes.get(day) ?? [];
      deletes.set(day, rows);
      rows.push(row);
      change(day, startMicros, -1);
    }
  }
  return {
    dropped,
    inserts,
    deletes,
    closed,
    opens,
    slots: [...changes.values()].flatMap((slots) => [...slots.keys()]),
    slotsAfter: (day, before) =>
      new Map(
        [...(changes.get(day) ?? [])].map(([slot, by]) => [
          slot,
          { requests: (before.get(slot)?.requests ?? 0) + by, rolled: false },
        ]),
      ),
  };
}
