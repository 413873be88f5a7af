import { USAGE_FIELDS, type UsageEvent } from '../recordings/wire.ts';

/** Any of the event's fields, in any order; the empty ones count as left out. */
export type UsageFields = { readonly [Field in keyof UsageEvent]?: UsageEvent[Field] | undefined };

/** Fields other than the two ids, which every request has of its own. */
export type CallFields = Omit<UsageFields, 'request_id' | 'trace_id'>;

/** Fields that the gateway writes even when there is nothing to say. */
const ALWAYS: Readonly<Partial<Record<keyof UsageEvent, unknown>>> = {
  request_id: '',
  occurred_at: '',
  model_id: '',
  api_key_id: '',
  prompt_tokens: 0,
  completion_tokens: 0,
  upstream_latency_ms: 0,
  status_code: 0,
  cost_usd: 0,
  guardrail_blocked: false,
  attempt_index: 0,
};

/**
 * An event as the gateway writes it: its fields in its order, and what is empty, zero or false left out unless the
 * gateway always writes it.
 */
export function usageEvent(fields: UsageFields): UsageEvent {
  const event: Record<string, unknown> = {};
  for (const field of USAGE_FIELDS) {
    const value = fields[field];
    if (!isEmpty(value)) event[field] = value;
    else if (field in ALWAYS) event[field] = ALWAYS[field];
  }
  return event as unknown as UsageEvent;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
