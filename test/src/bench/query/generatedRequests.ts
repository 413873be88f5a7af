import type { Attempt, GatewayRequest, Outcome } from '@aisix-observability/evidence';

/** What the generated requests are spread over. */
export const MODELS = 60;
export const KEYS = 500;
export const ENVIRONMENT = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';

const FAILURES: readonly { readonly outcome: Outcome; readonly status: number; readonly errorClass: string }[] = [
  { outcome: 'provider_error', status: 502, errorClass: 'upstream_status' },
  { outcome: 'provider_timeout', status: 504, errorClass: 'timeout' },
  { outcome: 'rate_limited', status: 429, errorClass: 'rate_limit_exceeded' },
  { outcome: 'invalid_request', status: 400, errorClass: 'invalid_request_error' },
  { outcome: 'guardrail_blocked', status: 422, errorClass: 'content_filter' },
];
const FAILED_SHARE = 0.08;
const FALLBACK_SHARE = 0.03;
const MEASURED_SHARE = 0.3;
const STREAMED_SHARE = 0.5;
const OPEN_SHARE = 0;

/** mulberry32: the same requests for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function hexDigits(next: () => number, digits: number): string {
  let text = '';
  while (text.length < digits)
    text += Math.floor(next() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, digits);
}

function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Cumulative shares of `count` things, the first most frequent. */
function zipf(count: number): readonly number[] {
  const weights = Array.from({ length: count }, (_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let upTo = 0;
  return weights.map((weight) => {
    upTo += weight / total;
    return upTo;
  });
}

function pick(shares: readonly number[], at: number): number {
  let [low, high] = [0, shares.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shares[middle] ?? 1) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const modelName = (rank: number): string => `model-${String(rank).padStart(2, '0')}`;

/**
 * Requests in near time order, evenly over a range: 60 models and 500 caller keys by Zipf's law, 8 % failures, 3 %
 * fallbacks, ids as random as real ones, log-normal durations.
 */
export function* generatedRequests(count: number, from: number, to: number, seed = 1): Generator<GatewayRequest> {
  const next = random(seed);
  const ids = random(seed + 7919);
  const uuids = (n: number, salt: number) => {
    const of = random(salt);
    return Array.from({ length: n }, () => uuid(hexDigits(of, 32)));
  };
  const [keys, modelIds] = [uuids(KEYS, 11), uuids(MODELS, 12)];
  const [keyShares, modelShares] = [zipf(KEYS), zipf(MODELS)];
  const addresses = Array.from(
    { length: 2000 },
    () => `10.${Math.floor(next() * 8)}.${Math.floor(next() * 256)}.${Math.floor(next() * 256)}`,
  );
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  for (let at = 0; at < count; at += 1) {
    const model = pick(modelShares, next());
    const key = pick(keyShares, next());
    const failure = next() < FAILED_SHARE ? FAILURES[Math.floor(next() * FAILURES.length)] : undefined;
    const isMeasured = next() < MEASURED_SHARE;
    const streamed = next() < STREAMED_SHARE;
    const duration = Math.exp(6.5 + normal()) * (1 + model / MODELS);
    const exact = from + ((to - from) * (at + next())) / count;
    const startTime = isMeasured
      ? Math.floor(exact * 4096) / 4096
      : Math.floor((exact + duration) / 1000) * 1000 + 500 - Math.round(duration);
    const durationMs = isMeasured ? Math.floor(duration * 4096) / 4096 : Math.round(duration);
    const ttftMs = streamed && failure === undefined ? Math.max(1, Math.round(durationMs * 0.2)) : undefined;
    const tokens = {
      input: Math.floor(Math.exp(6 + normal())),
      ...(failure === undefined && { output: Math.floor(Math.exp(5 + normal())) }),
    };
    const served = modelName(model);
    const attempt = (index: number, kind: Attempt['kind'], start: number, failed: typeof failure): Attempt => ({
      index,
      kind,
      model: served,
      modelId: modelIds[model] as string,
      providerKeyLabel: `key-${model % 9}`,
      provider: ['openai', 'anthropic', 'mistral', 'bedrock'][model % 4] as string,
      status: failed?.status ?? 200,
      outcome: failed?.outcome ?? 'success',
      ...(failed && { errorClass: failed.errorClass }),
      ...(failed?.outcome === 'provider_error' && {
        errorMessage: `upstream returned HTTP 500: The server had an error while processing request ${hexDigits(ids, 8)}`,
      }),
      startTime: start,
      endTime: startTime + durationMs,
      durationMs: startTime + durationMs - start,
      ...(ttftMs !== undefined && !failed && { ttftMs }),
      dispatched: true,
      ...(!failed && {
        finishReason: next() < 0.9 ? 'stop' : 'length',
        responseModel: `${served}-2026-08-06`,
        responseId: `chatcmpl-${hexDigits(ids, 24)}`,
        tokens,
      }),
    });
    const first = FAILURES[0];
    const attempts =
      failure?.outcome === 'rate_limited' || failure?.outcome === 'invalid_request'
        ? []
        : next() < FALLBACK_SHARE && failure === undefined
          ? [
              attempt(0, 'initial', startTime, first),
              attempt(1, 'fallback', startTime + Math.floor(durationMs / 2), undefined),
            ]
          : [attempt(0, 'initial', startTime, failure)];
    yield {
      requestId: uuid(hexDigits(ids, 32)),
      traceId: hexDigits(ids, 32),
      environment: ENVIRONMENT,
      n: 0,
      dataPlane: `dp-${at % 3}`,
      state: next() < OPEN_SHARE ? 'open' : 'final',
      timing: isMeasured ? 'measured' : 'reconstructed',
      startTime,
      endTime: startTime + durationMs,
      durationMs,
      status: failure?.status ?? 200,
      outcome: failure?.outcome ?? 'success',
      requestedModel: served,
      ...(failure === undefined && { servedModel: served }),
      modelId: modelIds[model] as string,
      ...(failure && { errorClass: failure.errorClass }),
      apiKeyId: keys[key] as string,
      protocol: 'openai',
      operation: 'chat',
      stream: streamed,
      ...(ttftMs !== undefined && { ttftMs }),
      downstreamLatencyMs: Math.round(durationMs),
      tokens,
      cache: { status: next() < 0.9 ? 'miss' : 'disabled' },
      guardrail: { blocked: failure?.outcome === 'guardrail_blocked', applied: [{ kind: 'keyword', hook: 'input' }] },
      client: {
        address: addresses[Math.floor(next() * addresses.length)] as string,
        userAgent: `openai-python/1.${90 + (key % 10)}`,
      },
      revision: 0,
      feeds: isMeasured ? ['usage', 'span'] : ['usage'],
      attempts,
    };
  }
}
