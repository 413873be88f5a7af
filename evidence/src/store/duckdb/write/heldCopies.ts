import type { AttemptKind } from '../../../model/request.ts';
import { type Grounds, groundsOf } from '../../forgetting.ts';
import type { Day } from '../days/dayFiles.ts';
import { DAY_MICROS } from '../days/dayName.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Cell, Session } from '../engine/session.ts';
import { REQUEST_ID, TRACE_ID } from '../sql/requestJson.ts';
import type { StagedVersion } from './encode.ts';
import type { KeyIndex } from './keyIndex.ts';
import type { HeldCopy } from './plan.ts';
import { identityOf } from './requestKey.ts';

/** A version and the one that it replaces start at nearly the same time, nearly always. */
const NEARBY_MICROS = 3600 * 1_000_000;

/** What a held row `r` rests on: its state, JSON of `[index, kind]` of its attempts, JSON of its feeds. */
const GROUNDS = `r.state, to_json(
  CASE WHEN r.attempt_count > 0 THEN [{i: r.a_idx, k: r.a_kind}] ELSE [] END ||
  coalesce(list_transform(r.more, lambda w: {i: w.idx, k: w.kind}), []))::VARCHAR, r.feeds`;

function heldGrounds(state: string, attempts: string, feeds: Cell | undefined): Grounds {
  return groundsOf({
    state: state === 'open' ? 'open' : 'final',
    attempts: (JSON.parse(attempts) as { i: number; k: AttemptKind }[]).map(({ i, k }) => ({ index: i, kind: k })),
    feeds: JSON.parse(typeof feeds === 'string' ? feeds : '[]'),
  });
}

/**
 * The rows that the store has of staged requests (sorted by start): open ones, those near in time, and then, where the
 * index says that there may be one, those anywhere. In days beyond the index only corrections (`revision` above 0) are
 * looked for, because a first version has nothing before it that far back.
 */
export async function heldCopies(
  staged: readonly StagedVersion[],
  session: Session,
  { days, keys }: { readonly days: readonly Day[]; readonly keys: KeyIndex },
): Promise<HeldCopy[]> {
  if (staged.length === 0) return [];
  const numbers = new Map(staged.map(({ identity }, id) => [identity, id]));
  const copies = new Map<string, HeldCopy>();
  const found = new Set<number>();
  const foundIn = new Set<string>();

  async function find(table: string, day: number | undefined, wanted: readonly StagedVersion[], where: string) {
    if (wanted.length === 0) return;
    const parameters = new Parameters();
    const weighed = wanted.some(({ grounds }) => grounds !== undefined);
    const rows = await session.rows(
      `SELECT r.rowid, r.seq, r.start_us, r.environment, ${REQUEST_ID}, ${TRACE_ID}, r.n,
         ${weighed ? GROUNDS : 'NULL, NULL, NULL'} FROM ${table} r
       WHERE r.k1 IN ${parameters.keys(wanted.map(({ k1 }) => k1))} AND ${where}`,
      parameters,
    );
    for (const [row, seq, start, environment, requestId, traceId, n, state, attempts, feeds] of rows) {
      const id = numbers.get(
        identityOf({
          environment: String(environment),
          requestId: String(requestId),
          ...(traceId !== null && { traceId: String(traceId) }),
          n: Number(n),
        }),
      );
      if (id === undefined) continue;
      found.add(id);
      foundIn.add(`${day} ${id}`);
      const grounds = typeof attempts === 'string' ? heldGrounds(String(state), attempts, feeds) : undefined;
      copies.set(`${table} ${row}`, {
        id,
        day,
        table,
        row: Number(row),
        seq: Number(seq),
        startMicros: Number(start),
        grounds,
      });
    }
  }

  await find('store.open', undefined, staged, 'true');
  for (const day of days) {
    const near = staged.filter(
      ({ k1, startMicros }) =>
        keys.mayHold(day.day, k1) &&
        startMicros + NEARBY_MICROS >= day.day * DAY_MICROS &&
        startMicros - NEARBY_MICROS < (day.day + 1) * DAY_MICROS,
    );
    const [first, last] = [near[0], near.at(-1)];
    if (first === undefined || last === undefined) continue;
    const [from, to] = [first.startMicros - NEARBY_MICROS, last.startMicros + NEARBY_MICROS];
    for (const table of day.tables) await find(table, day.day, near, `r.start_us BETWEEN ${from} AND ${to}`);
  }
  for (const { day, tables } of days) {
    const wanted = staged.filter(({ k1, revision }, id) => {
      if (foundIn.has(`${day} ${id}`)) return false;
      return keys.covers(day) ? keys.mayHold(day, k1) : revision > 0 && !found.has(id);
    });
    for (const table of tables) await find(table, day, wanted, 'true');
  }
  return [...copies.values()];
}
