import type { SpanReport } from '../report.ts';
import { plainValue } from './attributeValue.ts';
import { namesContent } from './content.ts';
import { AMBIGUOUS } from './duplicateKeys.ts';
import { isPlausible } from './eventTime.ts';
import { isObject, traceState } from './fields.ts';
import { FAULTS, type Fault, isAttemptIndex, isRequestId, isSpanId, isTraceId } from './identity.ts';
import { MAX_SPAN_ATTRIBUTES } from './limits.ts';
import { type OpenSpanReport, SPAN_FIELDS } from './spanFields.ts';
import { increase, type Tally } from './tally.ts';

const SERVER = 2;
const CLIENT = 3;

/** Bits of `flags` beside the W3C ones: whether it is known that the parent is remote, and whether it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** One span of the gateway in OTLP JSON form → one report, or why not. */
export function spanReportOf(span: unknown, now: number, tally: Tally): SpanReport | Fault {
  if (!isObject(span)) return span === AMBIGUOUS ? FAULTS.duplicateKey : FAULTS.notAnObject;
  const traceId = lowerCase(span.traceId);
  if (!isTraceId(traceId)) return FAULTS.spanTraceId;
  const spanId = lowerCase(span.spanId);
  if (!isSpanId(spanId)) return FAULTS.spanId;
  if (span.kind !== SERVER && span.kind !== CLIENT) return FAULTS.spanKind;
  const startTime = millisOf(span.startTimeUnixNano);
  const endTime = millisOf(span.endTimeUnixNano);
  if (startTime === undefined || endTime === undefined || endTime < startTime) return FAULTS.spanTime;
  if (!isPlausible(startTime, now) || !isPlausible(endTime, now)) return FAULTS.spanTimeRange;

  const attributes = Array.isArray(span.attributes) ? span.attributes : [];
  const requestId = attributeOf(attributes, 'aisix.request_id');
  if (!isRequestId(requestId)) return FAULTS.spanRequestId;
  const attemptIndex = attributeOf(attributes, 'aisix.attempt_index');
  if (attemptIndex !== undefined && !isAttemptIndex(attemptIndex)) return FAULTS.spanAttemptIndex;

  const role = span.kind === SERVER ? 'server' : 'client';
  const report: OpenSpanReport = { feed: 'span', requestId, traceId, spanId, role, startTime, endTime };
  takeParent(span, report, tally);
  if (attemptIndex !== undefined) report.attemptIndex = attemptIndex;
  takeAttributes(attributes, report, tally);
  if (isFilled(span.events)) increase(tally.content, 'span_events');
  return report;
}

function takeParent(span: Record<string, unknown>, report: OpenSpanReport, tally: Tally): void {
  const parent = lowerCase(span.parentSpanId);
  if (isSpanId(parent)) report.parentSpanId = parent;
  else if (typeof parent !== 'string' || !/^0*$/.test(parent)) increase(tally.dropped, 'parentSpanId');
  if (typeof span.flags === 'number' && (span.flags & HAS_IS_REMOTE) !== 0 && (span.flags & IS_REMOTE) !== 0) {
    report.parentIsRemote = true;
  }
  if (span.traceState === undefined || span.traceState === null) return;
  const state = traceState(span.traceState, 'traceState', tally);
  if (state !== undefined) report.traceState = state;
}

function takeAttributes(attributes: readonly unknown[], report: OpenSpanReport, tally: Tally): void {
  const looked = Math.min(attributes.length, MAX_SPAN_ATTRIBUTES);
  for (let at = 0; at < looked; at += 1) {
    const attribute = attributes[at];
    if (!isObject(attribute) || typeof attribute.key !== 'string') {
      increase(tally.dropped, 'attribute');
      continue;
    }
    const { key } = attribute;
    const take = SPAN_FIELDS.get(key);
    if (take === null) continue;
    if (take !== undefined) take(report, plainValue(attribute.value), key, tally);
    else if (key === 'gen_ai.prompt' || key === 'gen_ai.completion') increase(tally.content, key);
    else if (namesContent(key)) increase(tally.content, 'attribute');
    else increase(tally.dropped, 'unknown_attribute');
  }
  if (attributes.length > looked) increase(tally.dropped, 'attribute', attributes.length - looked);
}

function attributeOf(attributes: readonly unknown[], key: string): unknown {
  for (let at = 0; at < attributes.length && at < MAX_SPAN_ATTRIBUTES; at += 1) {
    const attribute = attributes[at];
    if (isObject(attribute) && attribute.key === key) return plainValue(attribute.value);
  }
  return undefined;
}

/** OTLP/JSON ids are hex in either case; absent is the empty id. */
function lowerCase(value: unknown): unknown {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' && value.length <= 32 ? value.toLowerCase() : value;
}

/** Nanoseconds since 1970, as decimal text or as a number, in milliseconds with fractions. */
function millisOf(nanos: unknown): number | undefined {
  const text = typeof nanos === 'number' && Number.isSafeInteger(nanos) ? String(nanos) : nanos;
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text)) return undefined;
  // Both halves are exact in a double, so that the fraction is as good as a double can hold it.
  return Number(text.slice(0, -6)) + Number(text.slice(-6)) / 1e6;
}

function isFilled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}
