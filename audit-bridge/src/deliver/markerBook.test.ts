import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigChange } from '@aisix-observability/evidence';
import { exampleChange, NOON } from '@aisix-observability/evidence/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeVersion } from '../ledger/reader.ts';
import { HISTORY_MILLIS } from './limits.ts';
import { type MarkerBook, openMarkerBook } from './markerBook.ts';

const TARGET = 'main';
let directory: string;
let book: MarkerBook;
let now: number;
let version: number;

const open = (identity = 'a'): MarkerBook =>
  openMarkerBook(join(directory, 'markers.db'), {
    targets: [{ name: TARGET, identity }],
    now: () => now,
    recheckMillis: 60_000,
  });
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'markers-'));
  now = NOON + 1_000;
  version = 0;
  book = open();
});
afterEach(async () => {
  await book.close();
  rmSync(directory, { recursive: true });
});

const changed = (change: Partial<ConfigChange>, aliases: readonly string[] = []): ChangeVersion => {
  const whole = exampleChange(change);
  version += 1;
  return { version, id: whole.id, change: whole, aliases };
};
const replaced = (id: string, replacedBy?: string): ChangeVersion => {
  version += 1;
  return { version, id, ...(replacedBy !== undefined && { replacedBy }) };
};
const drawn = () =>
  book.bursts({ from: 0, to: 1e15, limit: 100 }).map(({ id }) => {
    const { count, start, end } = book.marker(id) ?? {};
    return { count, start, end };
  });
/** Draws everything that is due. */
const drawAll = (): string[] => {
  const items = book.due(TARGET, 100);
  for (const { marker } of items) {
    const { revision = 0, withdrawn } = book.marker(marker) ?? {};
    const state = { attempted: true, ...(withdrawn === false && { annotation: `of ${marker}` }) };
    book.note(TARGET, marker, state);
    book.finish(TARGET, marker, revision, state);
  }
  return items.map(({ marker }) => marker);
};

describe('changes', () => {
  it('in a row are one marker, and each is in exactly one', () => {
    book.take([changed({ id: 'a' }), changed({ id: 'b', occurredAt: NOON + 9_000 })]);
    book.take([changed({ id: 'c', occurredAt: NOON + 18_000 }), changed({ id: 'd', occurredAt: NOON + 60_000 })]);
    expect(drawn()).toEqual([
      { count: 1, start: NOON + 60_000, end: NOON + 60_000 },
      { count: 3, start: NOON, end: NOON + 18_000 },
    ]);
    expect(book.burstOf('c')?.id).toBe(book.burstOf('a')?.id);
    expect(book.position()).toBe(4);
  });

  it('that come again change nothing and ask for nothing', () => {
    const first = changed({ id: 'a' });
    book.take([first]);
    drawAll();
    book.take([{ ...first, version: 2 }]);
    expect(book.due(TARGET, 10)).toEqual([]);
    expect(book.nextDue(TARGET)).toBeUndefined();
  });

  it('that get a better id by pairing stay in their marker, whichever word comes first', () => {
    book.take([changed({ id: 'a' }), changed({ id: 'b', occurredAt: NOON + 30_000 })]);
    const [a, b] = [book.burstOf('a')?.id, book.burstOf('b')?.id];
    book.take([
      changed({ id: 'a2', occurredAt: NOON - 20_000, actor: { type: 'user', id: 'u' } }, ['a']),
      replaced('a', 'a2'),
    ]);
    book.take([replaced('b', 'b2'), changed({ id: 'b2', occurredAt: NOON + 30_000 }, ['b'])]);
    expect(book.burstOf('a2')).toMatchObject({ id: a, start: NOON - 20_000 });
    expect(book.burstOf('b2')?.id).toBe(b);
    expect(drawn()).toHaveLength(2);
  });

  it('that turn out to be one leave one marker, and the other one has to go', () => {
    book.take([changed({ id: 'seen' }), changed({ id: 'told', occurredAt: NOON - 40_000 })]);
    drawAll();
    book.take([changed({ id: 'seen', occurredAt: NOON - 40_000 }, ['told']), replaced('told', 'seen')]);
    expect(drawn()).toEqual([{ count: 1, start: NOON - 40_000, end: NOON - 40_000 }]);
    now += 1_000;
    const due = book.due(TARGET, 10).map(({ marker }) => book.marker(marker)?.withdrawn);
    expect(due.toSorted()).toEqual([false, true]);
    drawAll();
    expect(book.nextDue(TARGET)).toBeUndefined();
  });

  it('whose actors become known and differ are not split', () => {
    book.take([changed({ id: 'a' }), changed({ id: 'b' })]);
    book.take([
      changed({ id: 'a', actor: { type: 'user', id: 'u' } }),
      changed({ id: 'b', actor: { type: 'user', id: 'v' } }),
    ]);
    expect(drawn()).toHaveLength(1);
    book.take([changed({ id: 'c', actor: { type: 'user', id: 'v' } })]);
    expect(drawn()).toHaveLength(2);
  });
});

describe('the outbox', () => {
  it('keeps a marker until the target has its last revision', () => {
    book.take([changed({ id: 'a' })]);
    const [item] = book.due(TARGET, 10);
    const marker = item?.marker ?? '';
    const revision = book.marker(marker)?.revision ?? 0;
    book.take([changed({ id: 'b' })]);
    book.finish(TARGET, marker, revision, { attempted: true, annotation: '7' });
    expect(book.due(TARGET, 10)).toMatchObject([{ marker, annotation: '7', attempted: true }]);
    drawAll();
    expect(book.waiting(TARGET)).toEqual({ count: 0 });
  });

  it('after a restart holds what it held, to be looked at once more', async () => {
    book.take([changed({ id: 'a' })]);
    const [item] = book.due(TARGET, 10);
    book.note(TARGET, item?.marker ?? '', { attempted: true });
    await book.close();
    book = open();
    expect(book.due(TARGET, 10)).toMatchObject([{ marker: item?.marker, attempted: true, recheckAt: now + 60_000 }]);
  });

  it('shows a target that is new, or moved, the last day, and looks for each before drawing it', async () => {
    const old = NOON - HISTORY_MILLIS - 60_000;
    book.take([changed({ id: 'a' }), changed({ id: 'old', occurredAt: old })]);
    drawAll();
    await book.close();
    book = open('moved');
    expect(book.due(TARGET, 10)).toMatchObject([{ attempted: true, marker: book.burstOf('a')?.id }]);
    expect(book.due(TARGET, 10)[0]).not.toHaveProperty('annotation');
  });

  it('puts a marker that failed behind the others', () => {
    book.take([changed({ id: 'a' }), changed({ id: 'b', occurredAt: NOON + 60_000 })]);
    const [first, second] = book.due(TARGET, 10);
    book.postpone(TARGET, first?.marker ?? '', now + 500, { attempted: true });
    expect(book.due(TARGET, 10).map(({ marker }) => marker)).toEqual([second?.marker]);
    now += 500;
    expect(book.due(TARGET, 10)).toMatchObject([{ failures: 0 }, { failures: 1, marker: first?.marker }]);
  });
});

describe('retention', () => {
  it('takes away what was drawn, forgets it, and draws nothing of that time again', () => {
    book.take([changed({ id: 'a' }), changed({ id: 'b', occurredAt: NOON + 60_000 })]);
    drawAll();
    const marker = book.burstOf('a')?.id ?? '';
    expect(book.retain(NOON + 30_000)).toBe(1);
    now += 1_000;
    expect(drawAll()).toEqual([marker]);
    expect(book.marker(marker)).toBeUndefined();
    expect(drawn()).toHaveLength(1);
    expect(book.take([changed({ id: 'late', occurredAt: NOON + 1 })])).toEqual({ tooOld: 1 });
    expect(drawn()).toHaveLength(1);
  });
});
