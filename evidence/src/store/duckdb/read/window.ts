import type { PackedWindow } from '../../../investigate/packedWindow.ts';
import { MAX_MESSAGES } from '../../../investigate/window.ts';
import type { WindowPage, WindowQuery } from '../../query.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { micros } from '../sql/conditions.ts';
import { DURATION_MILLIS, START_MILLIS } from '../sql/requestJson.ts';
import { indexPlaces, placesOf } from './placeIndex.ts';
import { shapeNumbers } from './shapeNumbers.ts';
import { sharedColumns } from './sharedColumns.ts';
import { asCell, callersNamed, type DuckCell, MESSAGES, MODELS, RESULTS, type Shared, WAYS } from './windowColumns.ts';

/**
 * Compact columns of the final requests of a range: 24 bytes a request, and each different thing once. They lie in shared
 * memory, so that other threads read them in place.
 */
export async function readWindow(query: WindowQuery, store: StoreParts, signal?: AbortSignal): Promise<WindowPage> {
  const { environment, scope } = query;
  const [from, to] = [micros(query.from), micros(query.to)];
  const asked = { environment, from: query.from, to: query.to };
  if (!scope.environments.includes(environment)) return { window: nothing(asked), oneIn: 1 };
  return store.engine.read(
    'heavy',
    async (session) => {
      const { days } = await beginSnapshot(session, store, (all) => all.within(from, to));
      const tables = days.flatMap((day) => day.tables);
      if (tables.length === 0) return { window: nothing(asked), oneIn: 1 };
      const rows = (select: string, sampled: string, end: string) => {
        const parameters = new Parameters();
        const here = parameters.text(environment);
        const where = `r.start_us >= ${from} AND r.start_us < ${to} AND r.environment = ${here}${sampled}`;
        // Each table names its own columns once only, so that only those are read that are asked for.
        const all = tables.map((table) => `SELECT * FROM ${table} r WHERE ${where}`).join(' UNION ALL ');
        return [`SELECT ${select} FROM (${all}) r ${end}`, parameters] as const;
      };
      const count = async (sampled: string) => Number((await session.rows(...rows('count(*)', sampled, '')))[0]?.[0]);
      const total = await count('');
      const oneIn = Math.max(1, Math.ceil(total / query.maxRows));
      const sampled = oneIn === 1 ? '' : ` AND r.k2 % ${oneIn} = 0`;
      const taken = oneIn === 1 ? total : await count(sampled);
      /** Each different thing once, by its number in the rows. */
      const once = async <Thing>({ columns, number, where, make }: Shared<Thing>, most = Number.MAX_SAFE_INTEGER) => {
        const values: Thing[] = [];
        const numbers: number[] = [];
        const cells = columns.map((column) => `first(${asCell(column)})`).join(', ');
        const end = `${where === undefined ? '' : `WHERE ${where}`} GROUP BY 1 LIMIT ${most}`;
        const [sql, parameters] = rows(`${number}, ${cells}`, sampled, end);
        await session.columns<DuckCell>(sql, parameters, ([hashes = [], ...held]) => {
          for (const [row, hash] of hashes.entries()) {
            numbers.push(Number(hash));
            values.push(make((column) => held[column]?.[row]));
          }
        });
        return { values, places: indexPlaces(numbers) };
      };
      const callerParts = callersNamed(await namesOf(session, environment));
      const models = await once(MODELS);
      const callers = await once(callerParts);
      const ways = await once(WAYS);
      const results = await once(RESULTS);
      // There may be as many as requests; what is beyond goes without.
      const messages = await once(MESSAGES, MAX_MESSAGES);
      const columns = sharedColumns(taken);
      const shapes = shapeNumbers({
        models: models.values.length,
        callers: callers.values.length,
        ways: ways.values.length,
      });
      let at = 0;
      const shared = [MODELS, callerParts, WAYS, RESULTS, MESSAGES].map(({ number }) => number);
      const [sql, parameters] = rows(
        [START_MILLIS, DURATION_MILLIS, ...shared].join(', '),
        sampled,
        'ORDER BY r.start_us, r.start_fine',
      );
      await session.doubles(sql, parameters, (chunk, length) => {
        const [start, duration, ...numbers] = chunk.map((column) => column.subarray(0, length));
        columns.startTime.set(start ?? [], at);
        columns.durationMs.set(duration ?? [], at);
        const [model, caller, way, result, message] = [models, callers, ways, results, messages].map(
          ({ places }, place) => placesOf(places, numbers[place] ?? new Float64Array()),
        );
        for (let row = 0; row < length; row += 1) {
          columns.shape[at + row] = shapes.of(model?.[row] ?? 0, caller?.[row] ?? 0, way?.[row] ?? 0);
        }
        columns.result.set(result ?? [], at);
        columns.message.set(message ?? [], at);
        at += length;
      });
      const window = {
        ...asked,
        ...columns,
        shapes: { ...shapes.columns(), models: models.values, callers: callers.values, ways: ways.values },
        results: results.values,
        messages: messages.values,
      };
      return { window, oneIn };
    },
    signal,
  );
}

function nothing(asked: Pick<PackedWindow, 'environment' | 'from' | 'to'>): PackedWindow {
  const none = shapeNumbers({ models: 0, callers: 0, ways: 0 }).columns();
  const shapes = { ...none, models: [], callers: [], ways: [] };
  return { ...asked, ...sharedColumns(0), shapes, results: [], messages: [] };
}

async function namesOf(session: Session, environment: string): Promise<ReadonlyMap<string, string>> {
  const parameters = new Parameters();
  const named = await session.rows(
    `SELECT id, name FROM store.names WHERE kind = 'api_key' AND environment = ${parameters.text(environment)}`,
    parameters,
  );
  return new Map(named.map(([id, name]) => [String(id), String(name)]));
}
