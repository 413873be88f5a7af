import type { CallerPart, PackedWindow } from '../../../investigate/packedWindow.ts';
import { MAX_MESSAGES } from '../../../investigate/window.ts';
import type { WindowPage, WindowQuery } from '../../query.ts';
import type { Day } from '../days/dayFiles.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { micros } from '../sql/conditions.ts';
import { DURATION_MILLIS, START_MILLIS } from '../sql/requestJson.ts';
import { SLOT_MICROS } from '../sql/slots.ts';
import { type KnownThings, Occurring } from './knownThings.ts';
import { shapeNumbers } from './shapeNumbers.ts';
import { firstOf, sharedColumns } from './sharedColumns.ts';
import { asCell, CALLERS, type DuckCell, MESSAGE, MODELS, RESULTS, type Shared, WAYS } from './windowColumns.ts';
import type { WindowThings } from './windowThings.ts';

/** Rows of a window, as SQL with its parameters. */
type Rows = (select: string, end?: string) => readonly [string, Parameters];

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
      const rowsOf =
        (sampled: string): Rows =>
        (select, end = '') => {
          const parameters = new Parameters();
          const here = parameters.text(environment);
          const where = `r.start_us >= ${from} AND r.start_us < ${to} AND r.environment = ${here}${sampled}`;
          // Each table names its own columns once only, so that only those are read that are asked for.
          const all = tables.map((table) => `SELECT * FROM ${table} r WHERE ${where}`).join(' UNION ALL ');
          return [`SELECT ${select} FROM (${all}) r ${end}`, parameters];
        };
      const count = async (rows: Rows) => Number((await session.rows(...rows('count(*)')))[0]?.[0]);
      // Counting costs a tenth of reading: mostly it is enough to know how many there are at most.
      const most = mostWithin(days, from, to);
      const total = most > query.maxRows ? await count(rowsOf('')) : most;
      const oneIn = Math.max(1, Math.ceil(total / query.maxRows));
      const rows = rowsOf(oneIn === 1 ? '' : ` AND r.k2 % ${oneIn} = 0`);
      const taken = oneIn === 1 ? total : await count(rows);
      const names = await namesOf(session, environment);
      return { window: { ...asked, ...(await readRows({ session, rows, taken, names }, store.things)) }, oneIn };
    },
    signal,
  );
}

/** Requests of all environments in the slots of a range. */
function mostWithin(days: readonly Day[], from: number, to: number): number {
  let most = 0;
  for (const { slots } of days) {
    for (const [slot, { requests }] of slots) {
      if ((slot + 1) * SLOT_MICROS > from && slot * SLOT_MICROS < to) most += requests;
    }
  }
  return most;
}

interface Reading {
  readonly session: Session;
  readonly rows: Rows;
  /** Rows at most. */
  readonly taken: number;
  /** Of caller keys by id. */
  readonly names: ReadonlyMap<string, string>;
}

async function readRows({ session, rows, taken, names }: Reading, things: WindowThings) {
  const [models, callers, ways, results] = [things.models(), things.callers(), things.ways(), things.results()];
  const [ofModels, ofCallers, ofWays, ofResults] = [new Occurring(), new Occurring(), new Occurring(), new Occurring()];
  const messages = numberedTexts(MAX_MESSAGES);
  const columns = sharedColumns(taken);
  const shapes = shapeNumbers();
  let at = 0;
  const [sql, parameters] = rows(
    [START_MILLIS, DURATION_MILLIS, ...[MODELS, CALLERS, WAYS, RESULTS].map(({ number }) => number), MESSAGE].join(
      ', ',
    ),
    'ORDER BY r.start_us, r.start_fine',
  );
  await session.doublesAndText(sql, parameters, (chunk, texts) => {
    const [start, duration, model, caller, way, result] = chunk.map((column) => column.subarray(0, texts.length));
    if (!start || !duration || !model || !caller || !way || !result) return;
    columns.startTime.set(start, at);
    columns.durationMs.set(duration, at);
    const shape = shapes.of(
      ofModels.numbersOf(models.placesOf(model)),
      ofCallers.numbersOf(callers.placesOf(caller)),
      ofWays.numbersOf(ways.placesOf(way)),
    );
    columns.shape.set(shape, at);
    columns.result.set(ofResults.numbersOf(results.placesOf(result)), at);
    columns.message.set(messages.of(texts), at);
    at += texts.length;
  });
  /** What occurs, after what is not known of it was read. */
  const found = async <Thing>(shared: Shared<Thing>, known: KnownThings<Thing>, { places }: Occurring) => {
    if (places.some((place) => known.at(place) === undefined)) await readThings({ session, rows }, shared, known);
    return places.map((place) => known.at(place) as Thing);
  };
  const parts = {
    models: (await found(MODELS, models, ofModels)).map(({ name }) => name),
    callers: (await found(CALLERS, callers, ofCallers)).map((caller) => named(caller, names)),
    ways: await found(WAYS, ways, ofWays),
  };
  return {
    ...firstOf(columns, at),
    shapes: { ...shapes.columns(), ...parts },
    results: await found(RESULTS, results, ofResults),
    messages: messages.texts,
  };
}

/** Reads each different thing once. */
async function readThings<Thing>(
  { session, rows }: Pick<Reading, 'session' | 'rows'>,
  { columns, number, make }: Shared<Thing>,
  known: KnownThings<Thing>,
): Promise<void> {
  const cells = columns.map((column) => `first(${asCell(column)})`).join(', ');
  const [sql, parameters] = rows(`${number}, ${cells}`, 'GROUP BY 1');
  await session.columns<DuckCell>(sql, parameters, ([numbers = [], ...held]) => {
    for (const [row, own] of numbers.entries())
      known.put(
        Number(own),
        make((column) => held[column]?.[row]),
      );
  });
}

/** Numbers texts in the order in which they first come; -1 for none, and for those beyond `most` different ones. */
function numberedTexts(most: number) {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined || texts.length >= most) return known ?? -1;
    numbers.set(text, texts.length);
    return texts.push(text) - 1;
  };
  return {
    texts,
    of(chunk: readonly (string | null)[]): Int32Array {
      const found = new Int32Array(chunk.length).fill(-1);
      for (let row = 0; row < found.length; row += 1) {
        const text = chunk[row];
        if (typeof text === 'string') found[row] = numberOf(text);
      }
      return found;
    },
  };
}

const named = ({ apiKeyId, apiKeyName }: CallerPart, names: ReadonlyMap<string, string>): CallerPart => ({
  apiKeyId,
  apiKeyName: (apiKeyId === undefined ? undefined : names.get(apiKeyId)) ?? apiKeyName,
});

function nothing(asked: Pick<PackedWindow, 'environment' | 'from' | 'to'>): PackedWindow {
  const shapes = { ...shapeNumbers().columns(), models: [], callers: [], ways: [] };
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
