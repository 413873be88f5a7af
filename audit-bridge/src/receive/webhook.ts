import type { Log, Recorder } from '@aisix-observability/pipeline';
import { type Context, Hono } from 'hono';
import type { AdaptContext, Adapted, EventRefusal } from '../adapt/adapted.ts';
import { adaptCanonical } from '../adapt/canonical.ts';
import { adaptCloudEvent } from '../adapt/cloudEvents.ts';
import type { ChangeObservation, FeedRef, Observe, ObserveResult } from '../model/observation.ts';
import type { Redactor } from '../redact/redactor.ts';
import { type EventFormat, eventsOf, formatOf } from './eventBody.ts';
import { createFeedJournal, type FeedJournal } from './feedJournal.ts';
import { AUDIT_HTTP_ERRORS, HttpRefusal } from './httpRefusal.ts';
import { readBody } from './requestBody.ts';
import { createVerifier, type VerifySignature } from './signature.ts';

/** Some hundred events with their documents; signing is done in JavaScript, 17 ms for so much and secret (measured). */
export const MAX_WEBHOOK_BYTES = 1024 * 1024;
/** Each is a row that is made durable before the answer. */
export const MAX_WEBHOOK_EVENTS = 1000;

/** What the sender is told when the ledger does not say how long its trouble lasts. */
const DEFAULT_RETRY_AFTER_SECONDS = 5;

export interface AuditWebhookOptions {
  /** Of the feed: unique within the configuration and stable, since events are known by it and their id. */
  readonly name: string;
  /** On the ingest listener, `/audit/…`. */
  readonly path: string;
  /** `whsec_…`; two while they are rotated. */
  readonly secrets: readonly string[];
  /** Its id: events that name no environment belong to it, events that name another one, or all, are refused. */
  readonly environment?: string;
  readonly environmentOf: AdaptContext['environmentOf'];
  readonly redactor: Redactor;
  /** A 202 is only sent after it resolved. */
  readonly observe: Observe;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Bounds for tests; defaults `MAX_WEBHOOK_BYTES` and `MAX_WEBHOOK_EVENTS`. */
  readonly maxBytes?: number;
  readonly maxEvents?: number;
}

/**
 * `POST <path>` with signed audit events (Standard Webhooks 1.0) → 202 `{"accepted":n}` once they are durable, with
 * `rejected:[{index,code,message}]` and `ignored:[{index,reason}]` where there are any. The same delivery again gets the
 * same answer. 400 when no event could be taken; 409 when an id was known with other content: it was stored as a
 * conflict, and so were the other events of the body.
 *
 * The signature is verified over the bytes as they came, before anything is parsed.
 *
 * @throws WebhookSecretError when a secret cannot be used.
 */
export function auditWebhook(options: AuditWebhookOptions): Hono {
  const feed: FeedRef = { type: 'webhook', name: options.name };
  const parts = {
    options,
    feed,
    verify: createVerifier(options.secrets),
    journal: createFeedJournal({ ...options, feed }),
  };
  const app = new Hono();
  app.post(options.path, async (c) => {
    try {
      return await take(c, parts);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      parts.journal.delivery(error.code, error.message);
      return error.reply();
    }
  });
  app.all(options.path, () =>
    new HttpRefusal('method_not_allowed', 'expected POST', undefined, { allow: 'POST' }).reply(),
  );
  return app;
}

interface Parts {
  readonly options: AuditWebhookOptions;
  readonly feed: FeedRef;
  readonly verify: VerifySignature;
  readonly journal: FeedJournal;
}

async function take(c: Context, { options, feed, verify, journal }: Parts): Promise<Response> {
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    throw new HttpRefusal('unsupported_encoding', 'expected a body without content-encoding');
  }
  const body = await readBody(c.req.raw, options.maxBytes ?? MAX_WEBHOOK_BYTES);
  const now = options.now();
  const headers = {
    id: c.req.header('webhook-id'),
    timestamp: c.req.header('webhook-timestamp'),
    signature: c.req.header('webhook-signature'),
  };
  verify(body, headers, now);
  const format = formatOf(c.req.header('content-type'));
  const context: AdaptContext = { ...options, feed, trust: 'signed', now };
  const sorted = sortOut(body, format, options.maxEvents ?? MAX_WEBHOOK_EVENTS, context);
  for (const { code, message } of sorted.rejected) journal.event(code, message);
  for (const { reason } of sorted.ignored) journal.ignored(reason);
  const observations = sorted.taken.map(({ observation }) => observation);
  const result = await durable(observations, options.observe);
  journal.accepted(observations.length - (result?.conflicts.length ?? 0));
  if (result !== undefined && result.conflicts.length > 0) journal.conflicts(result.conflicts.length);
  return answer(sorted, result?.conflicts ?? []);
}

interface Sorted {
  readonly taken: { readonly index: number; readonly observation: ChangeObservation }[];
  readonly rejected: ({ readonly index: number } & EventRefusal)[];
  readonly ignored: { readonly index: number; readonly reason: string }[];
}

/** Adapts every event by itself, so that a bad one does not stop the others. */
function sortOut(body: Buffer, format: EventFormat, maxEvents: number, context: AdaptContext): Sorted {
  const sorted: Sorted = { taken: [], rejected: [], ignored: [] };
  const adapt = format === 'cloudevent' || format === 'cloudevents' ? adaptCloudEvent : adaptCanonical;
  eventsOf(body, format, maxEvents).forEach((event, index) => {
    const adapted: Adapted = 'refused' in event ? event : adapt(event.value, context);
    if ('observation' in adapted) sorted.taken.push({ index, observation: adapted.observation });
    else if ('refused' in adapted) sorted.rejected.push({ index, ...adapted.refused });
    else sorted.ignored.push({ index, reason: adapted.ignored });
  });
  return sorted;
}

/** @throws HttpRefusal `ledger_unavailable`: the sender keeps the delivery and tries again. */
async function durable(
  observations: readonly ChangeObservation[],
  observe: Observe,
): Promise<ObserveResult | undefined> {
  if (observations.length === 0) return undefined;
  try {
    return await observe(observations);
  } catch (error) {
    // Named by its class: the message of an unforeseen error may quote what was stored.
    const name = error instanceof Error ? error.name : 'unknown';
    throw new HttpRefusal('ledger_unavailable', `the events could not be made durable (${name})`, 'send them again', {
      'retry-after': String(retryAfterSeconds(error)),
    });
  }
}

function retryAfterSeconds(error: unknown): number {
  const seconds = error instanceof Error && 'retryAfterSeconds' in error ? error.retryAfterSeconds : undefined;
  return typeof seconds === 'number' && seconds > 0 ? Math.ceil(seconds) : DEFAULT_RETRY_AFTER_SECONDS;
}

function answer({ taken, rejected, ignored }: Sorted, conflicts: readonly string[]): Response {
  const known = new Set(conflicts);
  const conflicting = taken.filter(({ observation }) => known.has(observation.observationId)).map(({ index }) => index);
  const summary = {
    accepted: taken.length - conflicting.length,
    ...(conflicting.length === 0 ? {} : { conflicts: conflicting }),
    ...(rejected.length === 0 ? {} : { rejected }),
    ...(ignored.length === 0 ? {} : { ignored }),
  };
  const [first] = rejected;
  if (conflicting.length > 0) {
    const message = `event ${conflicting[0]}: its id is known with other content; both are kept, and shown as a conflict`;
    return refusal('conflict', message, summary);
  }
  if (first !== undefined && taken.length === 0 && ignored.length === 0) {
    const alone = rejected.length === 1;
    const message = alone ? first.message : `event ${first.index}: ${first.code}: ${first.message}`;
    return refusal('nothing_usable', message, summary, alone ? first.code : undefined);
  }
  return Response.json(summary, { status: 202 });
}

/** A refusal that tells beside the error what became of each event; `code` replaces the general one. */
function refusal(kind: 'conflict' | 'nothing_usable', message: string, summary: object, code: string = kind): Response {
  return Response.json({ error: { code, message }, ...summary }, { status: AUDIT_HTTP_ERRORS[kind] });
}
