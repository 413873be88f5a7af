import type { AttemptRow, RequestResult, RequestShape } from '../../../investigate/model.ts';
import { MAX_MESSAGE_LENGTH, MAX_MESSAGES } from '../../../investigate/window.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { WindowPage, WindowQuery } from '../../query.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Cell, Session } from '../engine/session.ts';
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
      const once = async (number: string, columns: readonly string[], end: string) =>
        session.rows(
          ...rows(
            `${number}, ${columns
              .map(asCell)
              .map((column) => `first(${column})`)
              .join(', ')}`,
            sampled,
            `${end} GROUP BY 1`,
          ),
        );
      const names = await namesOf(session, environment);
      const shapes = numbersOf(await once(SHAPE, SHAPE_COLUMNS, ''), (cells) => shapeOf(cells, names));
      const results = numbersOf(await once(RESULT, RESULT_COLUMNS, ''), resultOf);
      const messages = numbersOf(
        await once(numbered(MESSAGE), [MESSAGE], `WHERE ${MESSAGE} IS NOT NULL`),
        ([text]) => String(text),
        MAX_MESSAGES,
      );
      const columns = columnsOf(taken);
      let at = 0;
      const [sql, parameters] = rows(
        `${START_MILLIS}, ${DURATION_MILLIS}, ${SHAPE}, ${RESULT}, ${MESSAGE_NUMBER}`,
        sampled,
        'ORDER BY r.start_us, r.start_fine',
      );
      await session.columns(sql, parameters, (chunk) => {
        const [start = [], duration = [], shape = [], result = [], message = []] = chunk;
        for (let row = 0; row < start.length; row += 1, at += 1) {
          columns.startTime[at] = start[row] ?? 0;
          columns.durationMs[at] = duration[row] ?? 0;
          columns.shape[at] = shapes.number.get(shape[row] ?? 0) ?? 0;
          columns.result[at] = results.number.get(result[row] ?? 0) ?? 0;
          columns.message[at] = messages.number.get(message[row] ?? -1) ?? -1;
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

type Cells = readonly (Cell | undefined)[];

/** Things by their number in the rows, and in a list. */
function numbersOf<Thing>(rows: readonly Cells[], make: (cells: Cells) => Thing, most = Number.POSITIVE_INFINITY) {
  const values: Thing[] = [];
  const number = new Map<number, number>();
  for (const [hash, ...cells] of rows) {
    if (values.length >= most) break;
    number.set(Number(hash), values.push(make(cells)) - 1);
  }
  return { values, number };
}

async function namesOf(session: Session, environment: string): Promise<ReadonlyMap<string, string>> {
  const parameters = new Parameters();
  const named = await session.rows(
    `SELECT id, name FROM store.names WHERE kind = 'api_key' AND environment = ${parameters.text(environment)}`,
    parameters,
  );
  return new Map(named.map(([id, name]) => [String(id), String(name)]));
}

const text = (cell: Cell | undefined) => (typeof cell === 'string' ? cell : undefined);
const whole = (cell: Cell | undefined) => (typeof cell === 'number' ? cell : undefined);

function shapeOf(cells: Cells, names: ReadonlyMap<string, string>): RequestShape {
  const [requestedModel, apiKeyId, apiKeyName, dataPlane, protocol, stream, ...rest] = cells;
  const [mcpServer, a2aAgent, passthroughRoute, jwtProvider, jwtClaimMapping, reconstructed] = rest;
  return {
    requestedModel: text(requestedModel),
    apiKeyId: text(apiKeyId),
    apiKeyName: names.get(text(apiKeyId) ?? '') ?? text(apiKeyName),
    dataPlane: text(dataPlane),
    protocol: text(protocol),
    stream: stream === true,
    mcpServer: text(mcpServer),
    a2aAgent: text(a2aAgent),
    passthroughRoute: text(passthroughRoute),
    jwtProvider: text(jwtProvider),
    jwtClaimMapping: text(jwtClaimMapping),
    reconstructed: reconstructed === true,
  };
}

function resultOf(cells: Cells): RequestResult {
  const [status, outcome, errorClass, servedModel, modelId, cacheHit, guardrails, count, ...attempt] = cells;
  const [model, attemptModelId, keyLabel, attemptStatus, attemptOutcome, attemptClass, further] = attempt;
  const first: AttemptRow = {
    model: text(model),
    modelId: text(attemptModelId),
    providerKeyLabel: text(keyLabel),
    status: whole(attemptStatus),
    outcome: attemptOutcome as Outcome,
    errorClass: text(attemptClass),
  };
  return {
    status: whole(status),
    outcome: outcome as Outcome,
    errorClass: text(errorClass),
    servedModel: text(servedModel),
    modelId: text(modelId),
    cacheHit: cacheHit === true,
    guardrails: JSON.parse(text(guardrails) ?? '[]') as string[],
    attempts:
      Number(count) === 0 ? [] : [first, ...(JSON.parse(text(further) ?? '[]') as RawAttempt[]).map(attemptRow)],
  };
}

type RawAttempt = Readonly<Record<keyof AttemptRow, Cell>>;

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
