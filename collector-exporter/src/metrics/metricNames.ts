/** Metrics that are made of requests; names of conventions are the current ones, `aisix_*` are ours. */
export const REQUEST_METRIC = {
  requests: 'aisix_requests',
  corrected: 'aisix_requests_corrected',
  attempts: 'aisix_attempts',
  costUsd: 'aisix_cost_usd',
  serverDuration: 'http.server.request.duration',
  inferenceDuration: 'gen_ai.client.inference.duration',
  embeddingsDuration: 'gen_ai.client.embeddings.duration',
  operationDuration: 'gen_ai.client.operation.duration',
  timeToFirstChunk: 'gen_ai.client.inference.time_to_first_chunk',
  inputTokens: 'gen_ai.client.inference.usage.input_tokens',
  outputTokens: 'gen_ai.client.inference.usage.output_tokens',
  cacheReadTokens: 'gen_ai.client.inference.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.client.inference.usage.cache_write.input_tokens',
  reasoningTokens: 'gen_ai.client.inference.usage.reasoning.output_tokens',
} as const;

export type RequestMetricName = (typeof REQUEST_METRIC)[keyof typeof REQUEST_METRIC];

/** Seconds; the list of the GenAI conventions. */
const GEN_AI_SECONDS: readonly number[] = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/** Seconds; the list of the HTTP convention, which ends at 10, and what answers of models need beyond it. */
const HTTP_SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 25, 50, 100,
];

/** Bucket boundaries of every histogram that requests make; the rest of the names are counters. */
export const REQUEST_METRIC_BOUNDARIES: Readonly<Record<string, readonly number[]>> = {
  [REQUEST_METRIC.serverDuration]: HTTP_SECONDS,
  [REQUEST_METRIC.inferenceDuration]: GEN_AI_SECONDS,
  [REQUEST_METRIC.embeddingsDuration]: GEN_AI_SECONDS,
  [REQUEST_METRIC.operationDuration]: GEN_AI_SECONDS,
  [REQUEST_METRIC.timeToFirstChunk]: GEN_AI_SECONDS,
};

/** What `/metrics` says of each. */
export const REQUEST_METRIC_HELP: Readonly<Record<RequestMetricName, string>> = {
  [REQUEST_METRIC.requests]: 'Requests in their first final version, by outcome',
  [REQUEST_METRIC.corrected]: 'Later versions of requests that were counted already; they change no other metric',
  [REQUEST_METRIC.attempts]: 'Attempts at providers, by kind and outcome',
  [REQUEST_METRIC.costUsd]: 'US dollars, where the gateway knows a price',
  [REQUEST_METRIC.serverDuration]: 'Duration of requests as their callers saw it',
  [REQUEST_METRIC.inferenceDuration]: 'Duration of model calls with all their attempts',
  [REQUEST_METRIC.embeddingsDuration]: 'Duration of embeddings calls with all their attempts',
  [REQUEST_METRIC.operationDuration]: 'Duration of other calls (tools, agents, routes) with all their attempts',
  [REQUEST_METRIC.timeToFirstChunk]: 'Time from the start of a streamed call to its first chunk',
  [REQUEST_METRIC.inputTokens]: 'Input tokens, cached ones included',
  [REQUEST_METRIC.outputTokens]: 'Output tokens, reasoning included',
  [REQUEST_METRIC.cacheReadTokens]: 'Input tokens read from the provider’s cache',
  [REQUEST_METRIC.cacheWriteTokens]: 'Input tokens written to the provider’s cache',
  [REQUEST_METRIC.reasoningTokens]: 'Output tokens spent on reasoning',
};
