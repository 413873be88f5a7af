import type { AttemptRow, RequestResult, RequestShape } from '../../../investigate/model.ts';
import { MAX_MESSAGE_LENGTH, MAX_MESSAGES } from '../../../investigate/window.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { WindowPage, WindowQuery } from '../../query.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { micros } from '../sql/conditions.ts';
import { DURATION_MILLIS, START_MILLIS } from '../sql/requestJson.ts';

/**
 * What of a row is the same for thousands of rows is numbered by its hash, so that only numbers come over row by row, and
 * each different thing once. Of 52 bits, which a double holds; ten thousand things of one kind collide once in 10^8 times.
 */
const numbered = (...columns: readonly string[]) => `(hash(${columns.join(', ')}) % 4503599627370496)::DOUBLE`;

const MESSAGE = `left(coalesce(r.error_message,
  list_last(list_filter(list_transform(r.more, lambda w: w.error_message), lambda m: m <> '')),
  nullif(r.a_error_message, '')), ${MAX_MESSAGE_LENGTH})`;

const MESSAGE_NUMBER = `CASE WHEN ${MESSAGE} IS NULL THEN -1 ELSE ${numbered(MESSAGE)} END`;

const SHAPE_COLUMNS = [
  'r.requested_model',
  'r.api_key_id',
  'r.api_key_name',
  'r.data_plane',
  'r.protocol',
  'coalesce(r.stream, false)',
  'r.mcp_server',
  'r.a2a_agent',
  'r.passthrough_route',
  'r.jwt_provider',
  'r.jwt_claim_mapping',
  "r.timing = 'reconstructed'",
];
const FURTHER_ATTEMPTS = `list_transform(r.more, lambda w: struct_pack(model := w.model, modelId := w.model_id,
  providerKeyLabel := w.key_label, status := w.status, outcome := w.outcome, errorClass := w.error_class))`;
const RESULT_COLUMNS = [
  'r.status',
  'r.outcome',
  'r.error_class',
  'r.served_model',
  'r.model_id',
  "coalesce(r.cache_status = 'hit', false)",
  'r.guardrail_names',
  'r.attempt_count',
  'r.a_model',
  'r.a_model_id',
  'r.a_key_label',
  'r.a_status',
  'r.a_outcome',
  'r.a_error_class',
  FURTHER_ATTEMPTS,
];
const JSON_COLUMNS = new Set(['r.guardrail_names', FURTHER_ATTEMPTS]);
const SHAPE = numbered(...SHAPE_COLUMNS);
const RESULT = numbered(...RESULT_COLUMNS);

/** Compact columns of the final requests of a range. They lie in shared memory, so that other threads read them in place. */
export async function readWindow(query: WindowQuery, store: StoreParts, signal?: AbortSignal): Promise<WindowPage> {
  const { environment, scope } = query;
  const [from, to] = [micros(query.from), micros(query.to)];
  const asked = { environment, from: query.from, to: query.to };
  if (!scope.environments.includes(environment)) return { window: { ...asked, ...columnsOf(0), ...NOTHING }, oneIn: 1 };
  return store.engine.read(
    'heavy',
    async (session) => {
      const { days } = await beginSnapshot(session, store, (all) => all.within(from, to));
      const tables = days.flatMap((day) => day.tables);
      if (tables.length === 0) return { window: { ...asked, ...columnsOf(0), ...NOTHING }, oneIn: 1 };
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
      const once = async <Thing>(
        number: string,
        columns: readonly string[],
        make: (cell: CellOf) => Thing,
        end = 'GROUP BY 1',
      ) => {
        const values: Thing[] = [];
        const numbers = new Map<number, number>();
        const cells = columns.map((column) => `first(${asCell(column)})`).join(', ');
        const [sql, parameters] = rows(`${number}, ${cells}`, sampled, end);
        await session.columns<DuckCell>(sql, parameters, ([hashes = [], ...held]) => {
          for (const [row, hash] of hashes.entries()) {
            numbers.set(Number(hash), values.push(make((column) => held[column]?.[row])) - 1);
          }
        });
        return { values, numbers };
      };
      const names = await namesOf(session, environment);
      const shapes = await once(SHAPE, SHAPE_COLUMNS, (cell) => shapeOf(cell, names));
      const results = await once(RESULT, RESULT_COLUMNS, resultOf);
      const messages = await once(
        numbered(MESSAGE),
        [MESSAGE],
        (cell) => String(cell(0)),
        // There may be as many as requests; what is beyond goes without.
        `WHERE ${MESSAGE} IS NOT NULL GROUP BY 1 LIMIT ${MAX_MESSAGES}`,
      );
      const columns = columnsOf(taken);
      let at = 0;
      const [sql, parameters] = rows(
        `${START_MILLIS}, ${DURATION_MILLIS}, ${SHAPE}, ${RESULT}, ${MESSAGE_NUMBER}`,
        sampled,
        'ORDER BY r.start_us, r.start_fine',
      );
      await session.columns<number>(sql, parameters, (chunk) => {
        const [start = [], duration = [], shape = [], result = [], message = []] = chunk;
        for (let row = 0; row < start.length; row += 1, at += 1) {
          columns.startTime[at] = start[row] ?? 0;
          columns.durationMs[at] = duration[row] ?? 0;
          columns.shape[at] = shapes.numbers.get(shape[row] ?? 0) ?? 0;
          columns.result[at] = results.numbers.get(result[row] ?? 0) ?? 0;
          columns.message[at] = messages.numbers.get(message[row] ?? -1) ?? -1;
        }
      });
      const dictionaries = { shapes: shapes.values, results: results.values, messages: messages.values };
      return { window: { ...asked, ...columns, ...dictionaries }, oneIn };
    },
    signal,
  );
}

const asCell = (column: string) => (JSON_COLUMNS.has(column) ? `to_json(${column})::VARCHAR` : column);

const NOTHING = { shapes: [], results: [], messages: [] };

function columnsOf(length: number) {
  return {
    length,
    startTime: new Float64Array(new SharedArrayBuffer(length * 8)),
    durationMs: new Float32Array(new SharedArrayBuffer(length * 4)),
    shape: new Uint32Array(new SharedArrayBuffer(length * 4)),
    result: new Uint32Array(new SharedArrayBuffer(length * 4)),
    message: new Int32Array(new SharedArrayBuffer(length * 4)),
  };
}

type DuckCell = string | number | bigint | boolean | null;
/** The cell of a column of one row. */
type CellOf = (column: number) => DuckCell | undefined;

async function namesOf(session: Session, environment: string): Promise<ReadonlyMap<string, string>> {
  const parameters = new Parameters();
  const named = await session.rows(
    `SELECT id, name FROM store.names WHERE kind = 'api_key' AND environment = ${parameters.text(environment)}`,
    parameters,
  );
  return new Map(named.map(([id, name]) => [String(id), String(name)]));
}

const text = (cell: DuckCell | undefined) => (typeof cell === 'string' ? cell : undefined);
const whole = (cell: DuckCell | undefined) =>
  typeof cell === 'number' || typeof cell === 'bigint' ? Number(cell) : undefined;

/** Of the columns of `SHAPE_COLUMNS`. */
function shapeOf(cell: CellOf, names: ReadonlyMap<string, string>): RequestShape {
  const apiKeyId = text(cell(1));
  return {
    requestedModel: text(cell(0)),
    apiKeyId,
    apiKeyName: (apiKeyId === undefined ? undefined : names.get(apiKeyId)) ?? text(cell(2)),
    dataPlane: text(cell(3)),
    protocol: text(cell(4)),
    stream: cell(5) === true,
    mcpServer: text(cell(6)),
    a2aAgent: text(cell(7)),
    passthroughRoute: text(cell(8)),
    jwtProvider: text(cell(9)),
    jwtClaimMapping: text(cell(10)),
    reconstructed: cell(11) === true,
  };
}

/** Of the columns of `RESULT_COLUMNS`. */
function resultOf(cell: CellOf): RequestResult {
  const first: AttemptRow = {
    model: text(cell(8)),
    modelId: text(cell(9)),
    providerKeyLabel: text(cell(10)),
    status: whole(cell(11)),
    outcome: cell(12) as Outcome,
    errorClass: text(cell(13)),
  };
  const further = (JSON.parse(text(cell(14)) ?? '[]') as RawAttempt[]).map(attemptRow);
  return {
    status: whole(cell(0)),
    outcome: cell(1) as Outcome,
    errorClass: text(cell(2)),
    servedModel: text(cell(3)),
    modelId: text(cell(4)),
    cacheHit: cell(5) === true,
    guardrails: JSON.parse(text(cell(6)) ?? '[]') as string[],
    attempts: Number(cell(7)) === 0 ? [] : [first, ...further],
  };
}

type RawAttempt = Readonly<Record<keyof AttemptRow, DuckCell>>;

function attemptRow({ model, modelId, providerKeyLabel, status, outcome, errorClass }: RawAttempt): AttemptRow {
  return {
    model: text(model),
    modelId: text(modelId),
    providerKeyLabel: text(providerKeyLabel),
    status: whole(status),
    outcome: outcome as Outcome,
    errorClass: text(errorClass),
  };
}
