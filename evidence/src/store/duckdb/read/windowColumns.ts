import type { AttemptRow, RequestResult } from '../../../investigate/model.ts';
import type { CallerPart, WayPart } from '../../../investigate/packedWindow.ts';
import { MAX_MESSAGE_LENGTH } from '../../../investigate/window.ts';
import type { Outcome } from '../../../model/outcome.ts';

export type DuckCell = string | number | bigint | boolean | null;
/** The cell of a column of one row. */
export type CellOf = (column: number) => DuckCell | undefined;

/** Something that thousands of rows share: it comes over once, and by its number in the rows. */
export interface Shared<Thing> {
  readonly columns: readonly string[];
  /** Number of the thing of a row, in SQL. */
  readonly number: string;
  make(cell: CellOf): Thing;
}

/** By hash, of 52 bits, which a double holds; ten thousand things of one kind collide once in 10^8 times. */
const numbered = (columns: readonly string[]) => `(hash(${columns.join(', ')}) % 4503599627370496)::DOUBLE`;

const text = (cell: DuckCell | undefined) => (typeof cell === 'string' ? cell : undefined);
const whole = (cell: DuckCell | undefined) =>
  typeof cell === 'number' || typeof cell === 'bigint' ? Number(cell) : undefined;

function shared<Thing>(columns: readonly string[], make: (cell: CellOf) => Thing): Shared<Thing> {
  return { columns, number: numbered(columns), make };
}

export interface ModelPart {
  readonly name: string | undefined;
}

export const MODELS = shared(['r.requested_model'], (cell): ModelPart => ({ name: text(cell(0)) }));

/** Names as the requests had them. */
export const CALLERS = shared(
  ['r.api_key_id', 'r.api_key_name'],
  (cell): CallerPart => ({ apiKeyId: text(cell(0)), apiKeyName: text(cell(1)) }),
);

export const WAYS = shared(
  [
    'r.data_plane',
    'r.protocol',
    'coalesce(r.stream, false)',
    'r.mcp_server',
    'r.a2a_agent',
    'r.passthrough_route',
    'r.jwt_provider',
    'r.jwt_claim_mapping',
    "r.timing = 'reconstructed'",
  ],
  (cell): WayPart => ({
    dataPlane: text(cell(0)),
    protocol: text(cell(1)),
    stream: cell(2) === true,
    mcpServer: text(cell(3)),
    a2aAgent: text(cell(4)),
    passthroughRoute: text(cell(5)),
    jwtProvider: text(cell(6)),
    jwtClaimMapping: text(cell(7)),
    reconstructed: cell(8) === true,
  }),
);

/** Few requests have more than one attempt, and lists are slow. */
const ofFurther = (list: string) => `CASE WHEN len(r.more) > 0 THEN ${list} END`;

const FURTHER_ATTEMPTS =
  ofFurther(`list_transform(r.more, lambda w: struct_pack(model := w.model, modelId := w.model_id,
  providerKeyLabel := w.key_label, status := w.status, outcome := w.outcome, errorClass := w.error_class))`);
const JSON_COLUMNS = new Set(['r.guardrail_names', FURTHER_ATTEMPTS]);

/** How a column comes over. */
export const asCell = (column: string) => (JSON_COLUMNS.has(column) ? `to_json(${column})::VARCHAR` : column);

export const RESULTS = shared(
  [
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
  ],
  (cell): RequestResult => {
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
  },
);

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

const OF_FURTHER_ATTEMPTS = ofFurther(
  "list_last(list_filter(list_transform(r.more, lambda w: w.error_message), lambda m: m <> ''))",
);
/** Text; null where there is none. Messages carry ids and durations, so that they are hardly ever shared. */
export const MESSAGE = `left(coalesce(r.error_message, ${OF_FURTHER_ATTEMPTS}, nullif(r.a_error_message, '')),
  ${MAX_MESSAGE_LENGTH})`;
