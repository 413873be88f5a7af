import type { Day } from '../days/dayFiles.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import type { StoreParts } from '../parts.ts';

/** Reads the keys of a day that was there when the store was opened. Meanwhile the index says that it may hold any. */
export async function loadKeys({ day }: Day, store: StoreParts): Promise<void> {
  await store.engine.read('heavy', async (session) => {
    const { days } = await beginSnapshot(session, store, (all) => all.all.filter((one) => one.day === day));
    const [found] = days;
    if (found === undefined) return;
    const rows = found.tables.map((table) => `SELECT k1 FROM ${table}`).join(' UNION ALL ');
    const count = Number((await session.rows(`SELECT count(*) FROM (${rows})`))[0]?.[0]);
    const keys = new Uint32Array(count);
    let at = 0;
    await session.numbers(`SELECT k1 FROM (${rows}) ORDER BY k1`, (chunk) => {
      keys.set(chunk, at);
      at += chunk.length;
    });
    store.keys.loaded(day, keys);
  });
}
