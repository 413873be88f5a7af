import type { ChangeTrust } from '@aisix-observability/evidence';
import type { ChangeObservation, FeedRef } from '../model/observation.ts';
import type { Redactor } from '../redact/redactor.ts';

/** Why an event was not taken. Stable. */
export const EVENT_REFUSALS = [
  'not_an_object',
  'unsupported_schema_version',
  'unsupported_spec_version',
  'unsupported_data',
  'invalid_json',
  'too_deep',
  'invalid_id',
  'invalid_time',
  'event_from_the_future',
  'invalid_action',
  'invalid_resource',
  'invalid_field',
  'environment_required',
  'forbidden_environment',
] as const;
export type EventRefusalCode = (typeof EVENT_REFUSALS)[number];

/** `message` says what was expected and never quotes what was sent. */
export interface EventRefusal {
  readonly code: EventRefusalCode;
  readonly message: string;
}

/** Why an event that is right was left alone: nothing that its sender could do better. */
export type IgnoreReason = 'unknown_environment';

export type Adapted =
  | { readonly observation: ChangeObservation }
  | { readonly refused: EventRefusal }
  | { readonly ignored: IgnoreReason };

export function refuse(code: EventRefusalCode, message: string): { readonly refused: EventRefusal } {
  return { refused: { code, message } };
}

/** What an adapter knows beside the event. */
export interface AdaptContext {
  readonly feed: FeedRef;
  readonly trust: ChangeTrust;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly redactor: Redactor;
  /** The feed's own environment: events that name none belong to it, events that name another are refused. */
  readonly environment?: string;
  /** The configured environment's id for an id or name; undefined for one that is not configured. */
  readonly environmentOf: (idOrName: string) => string | undefined;
}
