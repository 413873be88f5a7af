import type { PackedWindow } from '../../../investigate/packedWindow.ts';
import { MAX_MESSAGES } from '../../../investigate/window.ts';
import type { WindowPage, WindowQuery } from '../../query.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { micros } from '../sql/conditions.ts';
import { DURATION_MILLIS, START_MILLIS } from '../sql/requestJson.ts';
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
        const numbers = new Map<number, number>();
        const cells = columns.map((column) => `first(${asCell(column)})`).join(', ');
        const end = `${where === undefined ? '' : `WHERE ${where}`} GROUP BY 1 LIMIT ${most}`;
        const [sql, parameters] = rows(`${number}, ${cells}`, sampled, end);
        await session.columns<DuckCell>(sql, parameters, ([hashes = [], ...held]) => {
          for (const [row, hash] of hashes.entries()) {
            numbers.set(Number(hash), values.push(make((column) => held[column]?.[row])) - 1);
          }
        });
        return { values, numbers };
      };
      const callerParts = callersNamed(await namesOf(session, environment));
      const models = await once(MODELS);
      const callers = await once(callerParts);
      const ways = await once(WAYS);
      const results = await once(RESULTS);
      // There may be as many as requests; what is beyond goes without.
      const messages = await once(MESSAGES, MAX_MESSAGES);
      const columns = columnsOf(taken);
      const shapes = shapesOf(models.values.length, ways.values.length);
      let at = 0;
      const [sql, parameters] = rows(
        [
          START_MILLIS,
          DURATION_MILLIS,
          ...[MODELS, callerParts, WAYS, RESULTS, MESSAGES].map(({ number }) => number),
        ].join(', '),
        sampled,
        'ORDER BY r.start_us, r.start_fine',
      );
      await session.doubles(sql, parameters, (chunk, length) => {
        const [start, duration, model, caller, way, result, message] = chunk;
        for (let row = 0; row < length; row += 1, at += 1) {
          columns.startTime[at] = start?.[row] ?? 0;
          columns.durationMs[at] = duration?.[row] ?? 0;
          columns.shape[at] = shapes.of(
            models.numbers.get(model?.[row] ?? 0) ?? 0,
            callers.numbers.get(caller?.[row] ?? 0) ?? 0,
            ways.numbers.get(way?.[row] ?? 0) ?? 0,
          );
          columns.result[at] = results.numbers.get(result?.[row] ?? 0) ?? 0;
          columns.message[at] = messages.numbers.get(message?.[row] ?? -1) ?? -1;
        }
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

/** Numbers the shapes that occur, in the order of their first requests. */
function shapesOf(models: number, ways: number) {
  const numbers = new Map<number, number>();
  const [model, caller, way]: [number[], number[], number[]] = [[], [], []];
  return {
    of(ownModel: number, ownCaller: number, ownWay: number): number {
      const key = (ownCaller * models + ownModel) * ways + ownWay;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, numbers.size);
      model.push(ownModel);
      caller.push(ownCaller);
      way.push(ownWay);
      return numbers.size - 1;
    },
    columns: () => ({ model: sharedNumbers(model), caller: sharedNumbers(caller), way: sharedNumbers(way) }),
  };
}

const sharedBytes = (length: number, each: number) => new SharedArrayBuffer(length * each);

function sharedNumbers(values: readonly number[]): Uint32Array {
  const numbers = new Uint32Array(sharedBytes(values.length, 4));
  numbers.set(values);
  return numbers;
}

function columnsOf(length: number) {
  return {
    length,
    startTime: new Float64Array(sharedBytes(length, 8)),
    durationMs: new Float32Array(sharedBytes(length, 4)),
    shape: new Uint32Array(sharedBytes(length, 4)),
    result: new Uint32Array(sharedBytes(length, 4)),
    message: new Int32Array(sharedBytes(length, 4)),
  };
}

function nothing(asked: Pick<PackedWindow, 'environment' | 'from' | 'to'>): PackedWindow {
  const shapes = { ...shapesOf(0, 0).columns(), models: [], callers: [], ways: [] };
  return { ...asked, ...columnsOf(0), shapes, results: [], messages: [] };
}

async function namesOf(session: Session, environment: string): Promise<ReadonlyMap<string, string>> {
  const parameters = new Parameters();
  const named = await session.rows(
    `SELECT id, name FROM store.names WHERE kind = 'api_key' AND environment = ${parameters.text(environment)}`,
    parameters,
  );
  return new Map(named.map(([id, name]) => [String(id), String(name)]));
}
