import { COLUMN_NAMES, COLUMNS } from './columns.ts';

const TOKENS = 'STRUCT("input" BIGINT, "output" BIGINT, "cacheRead" BIGINT, "cacheWrite" BIGINT, "reasoning" BIGINT)';

const ATTEMPT = `STRUCT("index" INTEGER, "kind" VARCHAR, "model" VARCHAR, "modelId" VARCHAR, "providerKeyLabel" VARCHAR,
  "provider" VARCHAR, "status" INTEGER, "outcome" VARCHAR, "errorClass" VARCHAR, "errorMessage" VARCHAR,
  "startTime" DOUBLE, "endTime" DOUBLE, "durationMs" DOUBLE, "ttftMs" DOUBLE, "dispatched" BOOLEAN,
  "finishReason" VARCHAR, "responseModel" VARCHAR, "responseId" VARCHAR, "tokens" JSON)`;

const REQUEST = `STRUCT("requestId" VARCHAR, "traceId" VARCHAR, "environment" VARCHAR, "n" BIGINT, "dataPlane" VARCHAR,
  "state" VARCHAR, "timing" VARCHAR, "startTime" DOUBLE, "endTime" DOUBLE, "durationMs" DOUBLE, "status" INTEGER,
  "outcome" VARCHAR, "requestedModel" VARCHAR, "servedModel" VARCHAR, "modelId" VARCHAR, "errorClass" VARCHAR,
  "errorMessage" VARCHAR, "usageEstimated" BOOLEAN, "apiKeyId" VARCHAR, "apiKeyName" VARCHAR, "protocol" VARCHAR,
  "operation" VARCHAR, "stream" BOOLEAN, "ttftMs" DOUBLE, "downstreamLatencyMs" DOUBLE, "tokens" ${TOKENS},
  "costUsd" DOUBLE, "cache" JSON, "guardrail" JSON,
  "mcp" STRUCT("server" VARCHAR, "tool" VARCHAR), "a2a" JSON, "passthroughRoute" VARCHAR,
  "jwt" STRUCT("subject" VARCHAR, "provider" VARCHAR, "claimMapping" VARCHAR),
  "client" STRUCT("address" VARCHAR, "userAgent" VARCHAR, "identity" VARCHAR), "revision" INTEGER,
  "feeds" JSON, "attempts" ${ATTEMPT}[])`;

/** Adds the staged lines of file `$1` (`write/encode.ts`) to a table of requests, in their order. */
export function insertSql(table: string, longestLine: number): string {
  const columns = COLUMNS.map(({ name, from }) => `${from} AS ${name}`).join(',\n  ');
  return `INSERT INTO ${table} (${COLUMN_NAMES}) SELECT ${columns}
FROM (
  SELECT *, r.attempts[1] AS a FROM read_json($1, format = 'newline_delimited',
    maximum_object_size = ${longestLine}, columns = {k1: 'UINTEGER', k2: 'UINTEGER', seq: 'BIGINT', us: 'BIGINT',
    fine: 'SMALLINT', flags: 'UTINYINT', hs: 'VARCHAR', ha: 'VARCHAR', hu: 'VARCHAR', hi: 'VARCHAR', rest: 'VARCHAR',
    o: 'VARCHAR', r: '${REQUEST.replaceAll('\n', ' ')}'})
) s`;
}
