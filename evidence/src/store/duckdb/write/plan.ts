import { type Grounds, wouldForget } from '../../forgetting.ts';
import type { Slot } from '../days/dayFiles.ts';
import { SLOT_MICROS } from '../sql/slots.ts';
import type { StagedVersion } from './encode.ts';

/** A row that the store already has of a staged request; `day` is undefined in the table of open requests. */
export interface HeldCopy {
  /** Number of the staged version. */
  readonly id: number;
  readonly day: number | undefined;
  readonly table: string;
  readonly row: number;
  readonly seq: number;
  readonly startMicros: number;
  /** Present where somebody has to weigh it. */
  readonly grounds: Grounds | undefined;
}

/** What one batch changes. */
export interface WritePlan {
  /** By day: rows that are added. What the store has already, in this or a later version, is in none. */
  readonly inserts: ReadonlyMap<number, readonly StagedVersion[]>;
  /** By day: rows that go. */
  readonly deletes: ReadonlyMap<number, readonly { readonly table: string; readonly row: number }[]>;
  /** Row ids that leave the table of open requests. */
  readonly closed: readonly number[];
  /** Rows that are added to it. */
  readonly opens: readonly StagedVersion[];
  /** Versions that would have made the store forget something, and were left out. */
  readonly forgetful: number;
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
  const forgetful = new Set<number>();
  for (const { id, seq, grounds: held } of copies) {
    const given = staged[id]?.grounds;
    if (seq !== newestHeld.get(id) || seq >= (staged[id]?.seq ?? 0)) continue;
    if (held !== undefined && given !== undefined && wouldForget(held, given)) forgetful.add(id);
  }
  const inserts = new Map<number, StagedVersion[]>();
  const deletes = new Map<number, { table: string; row: number }[]>();
  const closed: number[] = [];
  const changes = new Map<number, Map<number, number>>();
  const change = (day: number, startMicros: number, by: number) => {
    const slots = changes.get(day) ?? new Map<number, number>();
    changes.set(day, slots);
    const slot = slotOf(startMicros);
    slots.set(slot, (slots.get(slot) ?? 0) + by);
  };
  const opens: StagedVersion[] = [];
  staged.forEach((version, id) => {
    const { seq, open, day, startMicros } = version;
    if ((newestHeld.get(id) ?? -1) >= seq || forgetful.has(id)) return;
    if (open) {
      opens.push(version);
      return;
    }
    const into = inserts.get(day);
    if (into === undefined) inserts.set(day, [version]);
    else into.push(version);
    change(day, startMicros, 1);
  });
  for (const { id, day, table, row, seq, startMicros } of copies) {
    const newest = newestHeld.get(id) ?? 0;
    // Of two copies, which only a crash between two files leaves, the newest stays.
    if ((newest >= (staged[id]?.seq ?? 0) || forgetful.has(id)) && seq === newest) continue;
    if (day === undefined) closed.push(row);
    else {
      const rows = deletes.get(day) ?? [];
      deletes.set(day, rows);
      rows.push({ table, row });
      change(day, startMicros, -1);
    }
  }
  return {
    inserts,
    deletes,
    closed,
    opens,
    forgetful: forgetful.size,
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
