import { isUtf8 } from 'node:buffer';
import { type EventRefusal, refuse } from '../adapt/adapted.ts';
import { HttpRefusal } from './httpRefusal.ts';

/** How a body holds events: `canonical` are those of the wire contract. */
export type EventFormat = 'json' | 'ndjson' | 'cloudevent' | 'cloudevents';

const FORMATS: ReadonlyMap<string, EventFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/cloudevents+json', 'cloudevent'],
  ['application/cloudevents-batch+json', 'cloudevents'],
]);

/** An audit event nests some ten levels: the envelope, the document, its conditions. */
export const MAX_EVENT_DEPTH = 32;

/** @throws HttpRefusal `unsupported_media_type`. */
export function formatOf(contentType: string | undefined): EventFormat {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const format = FORMATS.get(type);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (format === undefined || (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))) {
    throw new HttpRefusal(
      'unsupported_media_type',
      `expected content-type ${[...FORMATS.keys()].join(', ')}, in UTF-8`,
    );
  }
  return format;
}

/** One event as it stood in a body, or why it could not be read. */
export type RawEvent = { readonly value: unknown } | { readonly refused: EventRefusal };

/**
 * The events of a body in their order.
 *
 * @throws HttpRefusal `invalid_utf8`, `invalid_json`, `too_many_events`; single lines of NDJSON are refused alone.
 */
export function eventsOf(body: Buffer, format: EventFormat, maxEvents: number): RawEvent[] {
  if (!isUtf8(body)) throw new HttpRefusal('invalid_utf8', 'expected UTF-8');
  const text = body.toString('utf8');
  const values = format === 'ndjson' ? linesOf(text, maxEvents) : valuesOf(text, format);
  if (values.length > maxEvents) throw new HttpRefusal('too_many_events', `expected at most ${maxEvents} events`);
  return values.map((one) => ('value' in one && isDeeperThan(one.value, MAX_EVENT_DEPTH) ? tooDeep() : one));
}

function tooDeep(): RawEvent {
  return refuse('too_deep', `expected at most ${MAX_EVENT_DEPTH} levels of nesting`);
}

function linesOf(text: string, maxEvents: number): RawEvent[] {
  const events: RawEvent[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    events.push(parsed(line) ?? refuse('invalid_json', 'expected a line of JSON'));
    if (events.length > maxEvents) break;
  }
  return events;
}

function valuesOf(text: string, format: EventFormat): RawEvent[] {
  const body = parsed(text);
  if (body === undefined) throw new HttpRefusal('invalid_json', 'expected JSON');
  const { value } = body;
  if (format === 'cloudevent') return [body];
  if (Array.isArray(value)) return value.map((one: unknown) => ({ value: one }));
  if (format === 'cloudevents') throw new HttpRefusal('invalid_json', 'expected a JSON array of CloudEvents');
  return [body];
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // The parser's own message quotes the text.
    return undefined;
  }
}

/** Whether a value nests deeper than `limit`; without recursion, since that is what is being prevented. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      if (depth >= limit) return true;
      for (const inner of Object.values(one)) next.push(inner);
    }
    level = next;
  }
  return false;
}
