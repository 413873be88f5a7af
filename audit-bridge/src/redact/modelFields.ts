import { either, type Fields, flag, label, labels, list, number, object, secret } from './rule.ts';

/** Of models, callers' keys and policies alike. */
export const RATE_LIMIT = object({
  rps: number,
  rpm: number,
  rph: number,
  rpd: number,
  tpm: number,
  tpd: number,
  concurrency: number,
});

const NUMBERS = list(number);

/** The fields of all four sorts of models: direct, routing, ensemble, semantic. */
export const modelFields: Fields = {
  display_name: label,
  provider: label,
  model_name: label,
  provider_key_id: label,
  allowed_cidrs: labels,
  cost: object({ input_per_1k: number, output_per_1k: number }),
  rate_limit: RATE_LIMIT,
  timeout: number,
  stream_timeout: number,
  retries: number,
  cooldown: object({
    enabled: flag,
    default_seconds: number,
    max_seconds: number,
    honor_retry_after: flag,
    trigger_on_timeout: flag,
    trigger_on_transport: flag,
    trigger_statuses: NUMBERS,
  }),
  background_model_check: object({
    enabled: flag,
    interval_seconds: number,
    stale_after_seconds: number,
    timeout_seconds: number,
    max_tokens: number,
    ignore_statuses: NUMBERS,
    prompt: secret,
  }),
  auto_prompt_caching: object({ enabled: flag, ttl: label }),
  embedding: object({ dimensions: number, normalize: flag }),
  routing: object({
    strategy: label,
    targets: list(object({ model: label, weight: number, priority: number, tags: labels })),
    retries: number,
    max_fallbacks: number,
    retry_on_429: flag,
    fallback_on_statuses: NUMBERS,
    hash_on: list(object({ type: label, name: label })),
    when_all_unavailable: label,
  }),
  ensemble: object({
    panel: list(object({ model: label, weight: number, temperature: number, seed: number })),
    judge: object({ model: label, synthesis_prompt: secret }),
    min_responses: number,
    timeout_ms: number,
  }),
  semantic: object({
    default: label,
    embedding_model: label,
    embedding_timeout_ms: number,
    match: object({ threshold: number, aggregation: label, distance_metric: label }),
    on_embedding_failure: either(label, object({ target: label })),
    // Descriptions and examples are prompts.
    routes: list(object({ name: label, target: label, threshold: number, description: secret, examples: secret })),
  }),
};
