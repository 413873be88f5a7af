import type { Attempt, GatewayRequest, Tokens } from '@aisix-observability/evidence';
import type { Labels, Recorder } from '@aisix-observability/pipeline';
import { ATTRIBUTE } from '../spans/attributes.ts';
import { answeringAttempt, timeToFirstChunk } from '../spans/callAttributes.ts';
import { operationOf, USUAL_OPERATION } from '../spans/operation.ts';
import { providerName } from '../spans/provider.ts';
import { errorType } from '../spans/status.ts';
import { spanTimes } from '../spans/times.ts';
import { BoundedNames } from './boundedNames.ts';
import { REQUEST_METRIC } from './metricNames.ts';

export interface RequestMetricsOptions {
  /** Id → name, for the label `deployment.environment.name`; an environment without a name is named by its id. */
  readonly environmentNames?: ReadonlyMap<string, string>;
  /** Most values of each label that holds a model; default {@link MAX_MODELS}. */
  readonly maxModels?: number;
}

/** Models are configured by the hundred at most; what callers ask for has no bound. */
export const MAX_MODELS = 100;

/** Well-known providers and a few dozen of one's own. */
const MAX_PROVIDERS = 50;

/** The gateway has some thirty error classes in two vocabularies. */
const MAX_ERROR_TYPES = 64;

/** Some twenty operations are known of gateways. */
const MAX_OPERATIONS = 32;

/** Label that the convention asks for; the gateway does not say what a token stood for. */
const MODALITY = { 'gen_ai.token.modality': 'unknown' } as const;

const TOKEN_COUNTERS: readonly (readonly [keyof Tokens, string])[] = [
  ['input', REQUEST_METRIC.inputTokens],
  ['output', REQUEST_METRIC.outputTokens],
  ['cacheRead', REQUEST_METRIC.cacheReadTokens],
  ['cacheWrite', REQUEST_METRIC.cacheWriteTokens],
  ['reasoning', REQUEST_METRIC.reasoningTokens],
];

/** Tools, agents and routes are calls, but none of a model. */
const NO_INFERENCE = new Set(['execute_tool', 'invoke_agent', 'passthrough']);

/** Records one version of a request. */
export type RecordRequestMetrics = (request: GatewayRequest) => void;

/**
 * Makes metrics of requests: what an alert looks at.
 *
 * Only the first final version counts. Counters and histograms cannot take anything back, so counting a correction
 * would count its request twice; corrections are counted apart, and what they changed is in the spans and the store.
 * All labels are bounded (see {@link BoundedNames}): environments by configuration, outcomes by their closed set,
 * status codes by HTTP, the rest by a limit with `other` beyond it.
 */
export function createRequestMetrics(recorder: Recorder, options: RequestMetricsOptions = {}): RecordRequestMetrics {
  const maxModels = options.maxModels ?? MAX_MODELS;
  const requested = new BoundedNames(maxModels);
  const served = new BoundedNames(maxModels);
  const tried = new BoundedNames(maxModels);
  const providers = new BoundedNames(MAX_PROVIDERS);
  const errorTypes = new BoundedNames(MAX_ERROR_TYPES);
  const operations = new BoundedNames(MAX_OPERATIONS);

  const environmentOf = (request: GatewayRequest): Labels => ({
    [ATTRIBUTE.environmentName]: options.environmentNames?.get(request.environment) ?? request.environment,
  });
  const providerOf = (brand: string | undefined): Labels | undefined => {
    const provider = providerName(brand);
    return provider === undefined ? undefined : { [ATTRIBUTE.provider]: providers.label(provider, true) };
  };
  const errorOf = (ended: GatewayRequest | Attempt): Labels | undefined => {
    const type = errorType(ended);
    return type === undefined ? undefined : { [ATTRIBUTE.errorType]: errorTypes.label(type, true) };
  };

  return (request) => {
    if (request.state !== 'final') return;
    const environment = environmentOf(request);
    if (request.revision > 0) {
      recorder.count(REQUEST_METRIC.corrected, 1, { ...environment, [ATTRIBUTE.outcome]: request.outcome });
      return;
    }
    const operation = operations.label(operationOf(request) ?? USUAL_OPERATION, true);
    // Nobody but the caller vouches for a model that nothing was sent to.
    const real = request.attempts.length > 0 || request.outcome === 'success';
    const asked: Labels = {
      ...environment,
      [ATTRIBUTE.operation]: operation,
      ...(request.requestedModel !== undefined && {
        [ATTRIBUTE.requestModel]: requested.label(request.requestedModel, real),
      }),
    };
    const ended: Labels = {
      ...asked,
      [ATTRIBUTE.outcome]: request.outcome,
      ...(request.status !== undefined && { [ATTRIBUTE.httpStatus]: String(request.status) }),
    };
    recorder.count(REQUEST_METRIC.requests, 1, ended);
    recorder.observe(REQUEST_METRIC.serverDuration, seconds(request.endTime - request.startTime), {
      ...ended,
      ...errorOf(request),
    });
    const called: Labels = {
      ...asked,
      ...providerOf(answeringAttempt(request.attempts)?.provider),
      ...(request.servedModel !== undefined && { [ATTRIBUTE.servedModel]: served.label(request.servedModel, true) }),
    };
    recordCall(recorder, request, operation, called, errorOf(request));
    for (const [kind, name] of TOKEN_COUNTERS) {
      const value = request.tokens?.[kind];
      if (value !== undefined && value > 0) recorder.count(name, value, { ...called, ...MODALITY });
    }
    if (request.costUsd !== undefined && request.costUsd > 0) {
      recorder.count(REQUEST_METRIC.costUsd, request.costUsd, called);
    }
    for (const attempt of request.attempts) {
      recorder.count(REQUEST_METRIC.attempts, 1, {
        ...environment,
        [ATTRIBUTE.attemptKind]: attempt.kind,
        [ATTRIBUTE.attemptOutcome]: attempt.outcome,
        ...providerOf(attempt.provider),
        ...(attempt.model !== undefined && { [ATTRIBUTE.attemptModel]: tried.label(attempt.model, true) }),
      });
    }
  };
}

/** The call that the logical span shows, with the same duration; a request without attempts called nobody. */
function recordCall(
  recorder: Recorder,
  request: GatewayRequest,
  operation: string,
  called: Labels,
  error: Labels | undefined,
): void {
  const times = spanTimes(request);
  if (times.logical === undefined) return;
  const labels = { ...called, ...error };
  recorder.observe(durationMetric(operation), seconds(times.logical[1] - times.logical[0]), labels);
  const firstChunk = timeToFirstChunk(request, times);
  if (request.stream === true && firstChunk !== undefined && !NO_INFERENCE.has(operation)) {
    recorder.observe(REQUEST_METRIC.timeToFirstChunk, Math.max(0, firstChunk), labels);
  }
}

function durationMetric(operation: string): string {
  if (operation === 'embeddings') return REQUEST_METRIC.embeddingsDuration;
  return NO_INFERENCE.has(operation) ? REQUEST_METRIC.operationDuration : REQUEST_METRIC.inferenceDuration;
}

function seconds(millis: number): number {
  return Math.max(0, millis) / 1000;
}
