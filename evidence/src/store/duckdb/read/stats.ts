import type { StoreStats } from '../../store.ts';
import { DAY_MICROS } from '../days/dayName.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import type { StoreParts } from '../parts.ts';
import { START_MILLIS } from '../sql/requestJson.ts';
import { SLOT_MICROS } from '../sql/slots.ts';

export async function stats(store: StoreParts, bytes: number): Promise<StoreStats> {
  return store.engine.read('light', async (session) => {
    const { days, position } = await beginSnapshot(session, store, ({ all }) => all);
    const [open] = await session.rows(`SELECT count(*), min(${START_MILLIS}), max(${START_MILLIS}) FROM store.open r`);
    const openDays = await session.rows(`SELECT DISTINCT start_us // ${DAY_MICROS} FROM store.open`);
    const filled = days.filter(({ slots }) => [...slots.values()].some(({ requests }) => requests > 0));
    const edges = [open?.[1], open?.[2]].filter((edge) => typeof edge === 'number');
    for (const [day, which] of [
      [filled.at(0), 'min'],
      [filled.at(-1), 'max'],
    ] as const) {
      if (day === undefined) continue;
      const slots = [...day.slots].flatMap(([slot, { requests }]) => (requests > 0 ? [slot] : []));
      const slot = which === 'min' ? Math.min(...slots) : Math.max(...slots);
      const [row] = await session.rows(
        `SELECT ${which}(edge) FROM (${day.tables
          .map(
            (table) => `SELECT ${which}(${START_MILLIS}) AS edge FROM ${table} r
         WHERE r.start_us >= ${slot * SLOT_MICROS} AND r.start_us < ${(slot + 1) * SLOT_MICROS}`,
          )
          .join(' UNION ALL ')})`,
      );
      edges.push(Number(row?.[0]));
    }
    const held = filled.reduce(
      (total, { slots }) => [...slots.values()].reduce((sum, { requests }) => sum + requests, total),
      0,
    );
    const openRequests = Number(open?.[0] ?? 0);
    return {
      driver: 'duckdb',
      requests: held + openRequests,
      openRequests,
      position,
      bytes,
      ...(edges.length > 0 && { oldest: Math.min(...edges), newest: Math.max(...edges) }),
      days: new Set([...filled.map(({ day }) => day), ...openDays.map(([day]) => Number(day))]).size,
    };
  });
}
