import { type Fields, flag, label, labels, list, map, number, object, secret, url } from './rule.ts';

/**
 * The fields of every kind of guardrail. What a guardrail looks for (words, expressions, examples, descriptions) is
 * hashed: it names what a company wants to keep to itself, and such lists are where real keys end up as "never let
 * this out". That one changed, came or went can still be seen.
 */
export const guardrailFields: Fields = {
  name: label,
  kind: label,
  enabled: flag,
  hook_point: label,
  direction: label,
  enforcement_mode: label,
  fail_open: flag,
  output_fail_open: flag,
  mandatory: flag,
  endpoint: url,
  region: label,
  timeout_ms: number,
  stream_processing_mode: label,
  window_size: number,
  window_overlap_size: number,
  max_buffer_bytes: number,
  on_buffer_exceeded: label,
  // Credentials of the service that judges.
  api_key: secret,
  access_key_id: secret,
  access_key_secret: secret,
  aws_credentials: object({ kind: label, access_key_id: secret, secret_access_key: secret }),
  // keyword
  patterns: list(object({ kind: label, value: secret })),
  // bedrock
  guardrail_id: label,
  guardrail_version: label,
  latency_mode: object({ kind: label, timeout_ms: number }),
  // azure_content_safety_text_moderation
  blocklist_names: labels,
  halt_on_blocklist_hit: flag,
  output_type: label,
  severity_threshold: number,
  severity_threshold_by_category: map(number),
  text_source: label,
  // `categories` are words for Azure, objects for the semantic kind.
  categories: list({
    type: 'either',
    of: [
      label,
      object({
        name: label,
        action: label,
        threshold: number,
        description: secret,
        replacement: secret,
        candidate_patterns: secret,
        negative_patterns: secret,
        hotword_groups: secret,
      }),
    ],
  }),
  // aliyun
  risk_level_threshold: label,
  service_level: label,
  // pii
  default_action: label,
  detectors: list(object({ type: label, action: label })),
  custom_patterns: list(object({ name: label, action: label, regex: secret, replacement: secret })),
  // lakera, openai_moderation
  project_id: label,
  model: label,
  category_thresholds: map(number),
  // presidio
  analyzer_url: url,
  anonymizer_url: url,
  entities: list(object({ type: label, action: label })),
  language: label,
  operator: label,
  score_threshold: number,
};
