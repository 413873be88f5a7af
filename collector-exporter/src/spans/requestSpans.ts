import type { Attempt, GatewayRequest } from '@aisix-observability/evidence';
import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { putAttempt } from './attemptAttributes.ts';
import { ATTRIBUTE, SCOPE_NAME } from './attributes.ts';
import { capText, putText } from './attributeValue.ts';
import { BuiltSpan, type SpanTree } from './builtSpan.ts';
import { answeringAttempt, putCall } from './callAttributes.ts';
import { type SpanIds, spanIds, type TraceIdMode } from './ids.ts';
import { operationOf, USUAL_OPERATION } from './operation.ts';
import { originOf } from './origin.ts';
import { providerName } from './provider.ts';
import { createRedaction, type Redaction, type RedactionSettings } from './redaction.ts';
import { createResources, type ResourceOf, type ResourceSettings, VERSION } from './resources.ts';
import { putServer } from './serverAttributes.ts';
import { attemptName, logicalName, serverName } from './spanName.ts';
import { clientStatusCode, errorType, serverStatusCode } from './status.ts';
import { type Interval, type SpanTimes, spanTimes } from './times.ts';

export interface SpanSettings {
  readonly resource?: ResourceSettings;
  readonly redaction?: RedactionSettings;
  /** Default `inherit`. */
  readonly traceId?: TraceIdMode;
  /** Also writes `gen_ai.system`, for dashboards made for GenAI conventions before 1.37. */
  readonly legacyGenAi?: boolean;
}

/** Settings, prepared once per destination by {@link createSpanOptions}. */
export interface SpanOptions {
  readonly resourceOf: ResourceOf;
  readonly redaction: Redaction | undefined;
  readonly traceId: TraceIdMode;
  readonly legacyGenAi: boolean;
}

/** @throws RangeError when values are to be hashed without a key. */
export function createSpanOptions(settings: SpanSettings = {}): SpanOptions {
  const redaction = settings.redaction && createRedaction(settings.redaction);
  return {
    resourceOf: createResources(settings.resource ?? {}, redaction),
    redaction,
    traceId: settings.traceId ?? 'inherit',
    legacyGenAi: settings.legacyGenAi ?? false,
  };
}

const SCOPE: InstrumentationScope = { name: SCOPE_NAME, version: VERSION };

/** What dashboards of old conventions find in `gen_ai.system` when the provider is unknown: the data plane's own word. */
const LEGACY_SYSTEM = 'aisix';

const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };

/**
 * The spans of one request: SERVER, then the logical GenAI CLIENT span that covers all attempts (only when there is
 * one), then one CLIENT span per attempt, in order.
 *
 * Pure: the same request gives the same spans. A correction gives the whole tree again under the same ids, with its
 * `aisix.revision`, so nothing has to be remembered of what was exported before.
 */
export function requestSpans(request: GatewayRequest, options: SpanOptions): ReadableSpan[] {
  const ids = spanIds(request, options.traceId);
  const times = spanTimes(request);
  const origin = originOf(request, ids, options.traceId);
  const operation = operationOf(request);
  const tree: SpanTree = {
    traceId: ids.traceId,
    traceState: origin.traceState,
    resource: options.resourceOf(request.environment, request.dataPlane),
    scope: SCOPE,
  };
  const { redaction } = options;
  const provider = answeringAttempt(request.attempts)?.provider;

  const attributes = commonAttributes(request, provider, options);
  putServer(attributes, request, operation);
  if (times.logical === undefined) putCall(attributes, request, operation, times);
  if (ids.traceId !== request.traceId) putText(attributes, ATTRIBUTE.gatewayTraceId, request.traceId);
  redaction?.apply(attributes);
  const server = new BuiltSpan(tree, {
    kind: SpanKind.SERVER,
    name: serverName(request, operation, redaction),
    spanId: ids.server,
    parent: origin.parent,
    interval: times.server,
    status: statusOf(serverStatusCode(request), request.errorMessage, redaction),
    attributes,
    ...(origin.links !== undefined && { links: origin.links }),
  });
  if (times.logical === undefined) return [server];

  const called = operation ?? USUAL_OPERATION;
  const logical = logicalSpan(request, options, tree, {
    ids,
    times,
    called,
    provider,
    parent: server,
    interval: times.logical,
  });
  const spans: ReadableSpan[] = [server, logical];
  let previous: Attempt | undefined;
  request.attempts.forEach((attempt, position) => {
    const own = commonAttributes(request, attempt.provider, options);
    putAttempt(own, attempt, previous);
    redaction?.apply(own);
    spans.push(
      new BuiltSpan(tree, {
        kind: SpanKind.CLIENT,
        name: attemptName(request, attempt, called, redaction),
        spanId: ids.attempt(attempt.index, attempt.kind),
        parent: logical.context,
        interval: times.attempts[position] ?? times.server,
        status: statusOf(clientStatusCode(attempt), attempt.errorMessage, redaction),
        attributes: own,
      }),
    );
    previous = attempt;
  });
  return spans;
}

interface Call {
  readonly ids: SpanIds;
  readonly times: SpanTimes;
  readonly called: string;
  readonly provider: string | undefined;
  readonly parent: BuiltSpan;
  readonly interval: Interval;
}

function logicalSpan(request: GatewayRequest, options: SpanOptions, tree: SpanTree, call: Call): BuiltSpan {
  const { redaction } = options;
  const attributes = commonAttributes(request, call.provider, options);
  putText(attributes, ATTRIBUTE.operation, call.called);
  putText(attributes, ATTRIBUTE.requestModel, request.requestedModel);
  putText(attributes, ATTRIBUTE.errorType, errorType(request));
  putCall(attributes, request, call.called, call.times);
  redaction?.apply(attributes);
  return new BuiltSpan(tree, {
    kind: SpanKind.CLIENT,
    name: logicalName(request, call.called, redaction),
    spanId: call.ids.logical(),
    parent: call.parent.context,
    interval: call.interval,
    status: statusOf(clientStatusCode(request), request.errorMessage, redaction),
    attributes,
  });
}

/** What every span of a request carries, so that one found alone can be followed. */
function commonAttributes(request: GatewayRequest, provider: string | undefined, options: SpanOptions): Attributes {
  const attributes: Attributes = {};
  putText(attributes, ATTRIBUTE.requestId, request.requestId);
  attributes[ATTRIBUTE.timing] = request.timing;
  attributes[ATTRIBUTE.revision] = request.revision;
  if (options.legacyGenAi) attributes[ATTRIBUTE.legacySystem] = capText(providerName(provider) ?? LEGACY_SYSTEM);
  return attributes;
}

/** The message follows the redaction of the attribute that holds the same text. */
function statusOf(code: SpanStatusCode, message: string | undefined, redaction: Redaction | undefined): SpanStatus {
  if (code === SpanStatusCode.UNSET) return UNSET;
  if (message === undefined || message === '') return { code };
  const capped = capText(message);
  const shown = redaction === undefined ? capped : redaction.text(ATTRIBUTE.errorMessage, capped);
  return shown === undefined ? { code } : { code, message: shown };
}
