import { encodeArchiveLine, encodeUsageEvent, type UsageEvent } from '../recordings/index.ts';
import type { SimulatedRequest } from './compose.ts';
import { otlpTraces } from './otlpSpan.ts';
import { EVERYDAY_MIX } from './scenarios.ts';
import { createGatewaySimulator } from './simulator.ts';

/** Input that a load goes to. */
export const LOAD_INPUTS = ['telemetry', 'otlp', 'object_store'] as const;
export type LoadInput = (typeof LOAD_INPUTS)[number];

/**
 * A body whose ids and times are overwritten in place before each use: every use is new requests at the present time,
 * for the price of a few hundred short writes.
 */
export interface LoadTemplate {
  /** Usage events (or, for OTLP, records) in the body. */
  readonly records: number;
  /**
   * Writes the next ids and the time, and returns the body. The same buffer each time, so a template serves one
   * request at a time.
   *
   * @param serial Unique per use over all templates of a run.
   * @param now Epoch milliseconds.
   */
  render(serial: number, now: number): Buffer;
}

/** Where the body has something to overwrite. */
interface Slot {
  readonly offset: number;
  readonly kind: 'request' | 'trace' | 'second' | 'nanoSecond';
  /** Number of the request within the body, or seconds before the newest time of the body. */
  readonly value: number;
}

/** Digits of a serial in an id: the last 12 of a UUID and of a trace id. */
const SERIAL_DIGITS = 12;
const REQUESTS_PER_BODY = 1_000;

/**
 * Simulated requests cut into bodies of exactly `batch` records, whole requests only.
 *
 * @param run 8 hex digits that tell this run's ids from another's.
 */
export function loadTemplates(input: LoadInput, batch: number, count: number, run: string): LoadTemplate[] {
  const epoch = Date.parse('2026-06-15T12:00:00Z');
  const simulator = createGatewaySimulator({ seed: 1, ratePerSecond: 2_000, now: () => epoch, mix: EVERYDAY_MIX });
  return Array.from({ length: count }, () => {
    const requests: SimulatedRequest[] = [];
    let room = batch;
    while (room > 0) {
      const request = simulator.next();
      // A batch of usage events holds all events of its requests; OTLP counts records too.
      if (request.records.length > room) continue;
      requests.push(request);
      room -= request.records.length;
    }
    return template(input, requests, run);
  });
}

function template(input: LoadInput, requests: readonly SimulatedRequest[], run: string): LoadTemplate {
  const marked = requests.map((request, index) => mark(request, index, run));
  const records = marked.flatMap((request) => request.records);
  const newest = Math.max(...records.map((record) => Date.parse(record.event.occurred_at)));
  const events = records.map((record) => record.event);
  const text =
    input === 'otlp'
      ? JSON.stringify(otlpTraces(records.flatMap((record) => record.spans)))
      : input === 'telemetry'
        ? `{"events":[${events.map(encodeUsageEvent).join()}]}`
        : events.map((event: UsageEvent) => `${encodeArchiveLine(event)}\n`).join('');
  const body = Buffer.from(text);
  const slots = findSlots(body, newest, run);

  return {
    records: records.length,
    render: (serial, now) => {
      for (const { offset, kind, value } of slots) {
        if (kind === 'request' || kind === 'trace') {
          const id = serial * REQUESTS_PER_BODY + value;
          body.write(id.toString(16).padStart(SERIAL_DIGITS, '0'), offset, SERIAL_DIGITS, 'latin1');
        } else if (kind === 'second') {
          body.write(new Date(now - value * 1000).toISOString(), offset, 19, 'latin1');
        } else {
          body.write(String(Math.floor(now / 1000) - value), offset, 10, 'latin1');
        }
      }
      return body;
    },
  };
}

const MARK = 'feedfacefeed';

/** Gives a request ids that start with the run and end in a mark with its number, to be found again in the text. */
function mark(request: SimulatedRequest, index: number, run: string): SimulatedRequest {
  const { requestId, traceId } = request.truth;
  const tail = `${MARK.slice(0, SERIAL_DIGITS - 3)}${index.toString(16).padStart(3, '0')}`;
  const ids = new Map([
    [requestId, `${run}${requestId.slice(8, 24)}${tail}`],
    [traceId, `${run}${traceId.slice(8, 20)}${tail}`],
  ]);
  const text = JSON.stringify(request.records).replaceAll(
    new RegExp(`${requestId}|${traceId}`, 'g'),
    (id) => ids.get(id) ?? id,
  );
  return { ...request, records: JSON.parse(text) as SimulatedRequest['records'] };
}

const SLOTS = {
  request: new RegExp(`-${MARK.slice(0, SERIAL_DIGITS - 3)}([0-9a-f]{3})`, 'g'),
  trace: new RegExp(`[0-9a-f]{20}${MARK.slice(0, SERIAL_DIGITS - 3)}([0-9a-f]{3})`, 'g'),
  second: /"occurred_at":"([^"]{19})/g,
  nanoSecond: /TimeUnixNano":"(\d{10})/g,
};

function findSlots(body: Buffer, newest: number, run: string): Slot[] {
  // Every character of a body is one byte, so that offsets in the text are offsets in the buffer.
  const text = body.toString('latin1');
  const slots: Slot[] = [];
  for (const match of text.matchAll(SLOTS.request)) {
    slots.push({ kind: 'request', offset: match.index + 1, value: Number.parseInt(match[1] ?? '', 16) });
  }
  for (const match of text.matchAll(SLOTS.trace)) {
    if (!match[0].startsWith(run)) continue;
    slots.push({ kind: 'trace', offset: match.index + 20, value: Number.parseInt(match[1] ?? '', 16) });
  }
  for (const match of text.matchAll(SLOTS.second)) {
    const age = (newest - Date.parse(`${match[1]}Z`)) / 1000;
    slots.push({ kind: 'second', offset: match.index + match[0].length - 19, value: age });
  }
  for (const match of text.matchAll(SLOTS.nanoSecond)) {
    const age = Math.floor(newest / 1000) - Number(match[1]);
    slots.push({ kind: 'nanoSecond', offset: match.index + match[0].length - 10, value: age });
  }
  return slots;
}
