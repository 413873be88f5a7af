import type { UsageReport } from '../report.ts';
import { AMBIGUOUS } from './duplicateKeys.ts';
import { ExtraFields } from './extraFields.ts';
import { enforcedHits, type GuardrailHit, isObject, monitorHits, type ReadField } from './fields.ts';
import {
  FAULTS,
  type Fault,
  isAttemptIndex,
  isRequestId,
  isStatusCode,
  isSupportedSchema,
  isTraceId,
  type TimeReader,
} from './identity.ts';
import { increase, type Tally } from './tally.ts';
import { type OpenUsageReport, USAGE_FIELDS } from './usageFields.ts';

/** Fields that hold prompts and answers by their name; never kept, in any type. */
const CONTENT_FIELDS: ReadonlySet<string> = new Set(['content', 'gen_ai.prompt', 'gen_ai.completion']);

/**
 * One usage event → one report, or why not. Tolerant where a wrong value costs one field, strict where it would
 * make another request out of it (request id, trace id, time, attempt index, status).
 */
export function usageReportOf(event: unknown, time: TimeReader, tally: Tally): UsageReport | Fault {
  if (!isObject(event)) return event === AMBIGUOUS ? FAULTS.duplicateKey : FAULTS.notAnObject;
  const { request_id: requestId, trace_id: traceId, attempt_index: attemptIndex, status_code: statusCode } = event;
  if (!isSupportedSchema(event.schema_version)) return FAULTS.schemaVersion;
  if (!isRequestId(requestId)) return FAULTS.requestId;
  const occurredAt = time.read(event.occurred_at);
  if (typeof occurredAt !== 'number') return occurredAt;
  if (!isAttemptIndex(attemptIndex)) return FAULTS.attemptIndex;
  if (!isStatusCode(statusCode)) return FAULTS.statusCode;
  const report: OpenUsageReport = {
    feed: 'usage',
    requestId,
    occurredAt,
    attemptIndex,
    statusCode,
    upstreamLatencyMs: 0,
  };
  if (traceId !== undefined && traceId !== null && traceId !== '') {
    if (!isTraceId(traceId)) return FAULTS.traceId;
    report.traceId = traceId;
  }

  let extra: ExtraFields | undefined;
  for (const name in event) {
    const known = USAGE_FIELDS.get(name);
    const value = event[name];
    if (value === null || known === null) continue;
    if (known !== undefined) {
      known(report, value, name, tally);
    } else if (CONTENT_FIELDS.has(name) || name.endsWith('.messages')) {
      increase(tally.content, contentLabel(name));
    } else {
      extra ??= new ExtraFields(tally);
      extra.add(name, value);
    }
  }

  const hits = guardrailHits(event, tally);
  if (hits !== undefined) report.guardrailHits = hits;
  const kept = extra?.result();
  if (kept !== undefined) report.extra = kept;
  return report;
}

const ENFORCED = 'guardrail_enforced_hits';
const MONITOR = 'guardrail_monitor_hits';

/** Enforced ones first, whatever their order on the wire. */
function guardrailHits(event: Record<string, unknown>, tally: Tally): readonly GuardrailHit[] | undefined {
  const enforced = listed(event[ENFORCED], enforcedHits, ENFORCED, tally);
  const monitored = listed(event[MONITOR], monitorHits, MONITOR, tally);
  if (enforced === undefined) return monitored;
  return monitored === undefined ? enforced : [...enforced, ...monitored];
}

function listed(
  value: unknown,
  read: ReadField<readonly GuardrailHit[]>,
  name: string,
  tally: Tally,
): readonly GuardrailHit[] | undefined {
  return value === undefined || value === null ? undefined : read(value, name, tally);
}

/** Bounded: the name of the field where it is a known one. */
function contentLabel(name: string): string {
  return CONTENT_FIELDS.has(name) ? name : 'messages';
}
