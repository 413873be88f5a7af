import { COLUMNS } from './columns.ts';

const TOKENS = 'STRUCT("input" BIGINT, "output" BIGINT, "cacheRead" BIGINT, "cacheWrite" BIGINT, "reasoning" BIGINT)';

const ATTEMPT = `STRUCT("index" INTEGER, "kind" VARCHAR, "model" VARCHAR, "modelId" VARCHAR, "providerKeyLabel" VARCHAR,
  "provider" VARCHAR, "status" INTEGER, "outcome" VARCHAR, "errorClass" VARCHAR, "errorMessage" VARCHAR,
  "startTime" DOUBLE, "endTime" DOUBLE, "durationMs" DOUBLE, "ttftMs" DOUBLE, "dispatched" BOOLEAN,
  "finishReason" VARCHAR, "responseModel" VARCHAR, "responseId" VARCHAR, "tokens" ${TOKENS})`;

const REQUEST = `STRUCT("requestId" VARCHAR, "traceId" VARCHAR, "environment" VARCHAR, "n" BIGINT, "dataPlane" VARCHAR,
  "state" VARCHAR, "timing" VARCHAR, "startTime" DOUBLE, "endTime" DOUBLE, "durationMs" DOUBLE, "status" INTEGER,
  "outcome" VARCHAR, "requestedModel" VARCHAR, "servedModel" VARCHAR, "modelId" VARCHAR, "errorClass" VARCHAR,
  "errorMessage" VARCHAR, "usageEstimated" BOOLEAN, "apiKeyId" VARCHAR, "apiKeyName" VARCHAR, "protocol" VARCHAR,
  "operation" VARCHAR, "stream" BOOLEAN, "ttftMs" DOUBLE, "downstreamLatencyMs" DOUBLE, "tokens" ${TOKENS},
  "costUsd" DOUBLE, "audioDurationSeconds" DOUBLE, "cache" JSON, "guardrail" JSON,
  "mcp" STRUCT("server" VARCHAR, "tool" VARCHAR), "a2a" JSON, "passthroughRoute" VARCHAR, "authType" VARCHAR,
  "jwt" STRUCT("subject" VARCHAR, "provider" VARCHAR, "claimMapping" VARCHAR),
  "client" STRUCT("address" VARCHAR, "userAgent" VARCHAR, "identity" VARCHAR), "parent" JSON, "revision" INTEGER,
  "feeds" JSON, "exportedTraceIds" JSON, "extra" JSON, "attempts" ${ATTEMPT}[])`;

/** `$1`: path of the staged lines, one JSON object each (`write/encode.ts`); makes the table `stage`, in memory. */
export function stageSql(longestLine: number): string {
  const columns = COLUMNS.map(({ name, from }) => `${from} AS ${name}`).join(',\n  ');
  return `CREATE OR REPLACE TABLE memory.main.stage AS
SELECT s.i AS id, s.us // 86400000000 AS day, ${columns}
FROM (
  SELECT *, r.attempts[1] AS a FROM read_json($1, format = 'newline_delimited',
    maximum_object_size = ${longestLine}, columns = {i: 'INTEGER', k1: 'UINTEGER', k2: 'UINTEGER', seq: 'BIGINT',
    us: 'BIGINT', fine: 'SMALLINT', hs: 'VARCHAR', ha: 'VARCHAR', hu: 'VARCHAR', hi: 'VARCHAR', o: 'VARCHAR',
    r: '${REQUEST.replaceAll('\n', ' ')}'})
) s`;
}
