import type { Attempt, GatewayRequest } from '@aisix-observability/evidence';
import { ATTRIBUTE } from './attributes.ts';
import type { Redaction } from './redaction.ts';

/** SERVER span of a request that says neither what it was nor what it was for. */
export const UNNAMED_REQUEST = 'aisix request';

/**
 * Longest object of a name. Models and tools are named by callers, names of spans are grouped by backends: what is
 * longer than a name ought to be stays in its attribute. (The data plane draws the line there too.)
 */
export const MAX_NAMED_LENGTH = 64;

/** `{operation} {tool, agent, route or requested model}`, by the GenAI convention for each operation. */
export function serverName(request: GatewayRequest, operation: string | undefined, redaction?: Redaction): string {
  const target = targetOf(request, redaction);
  return operation === undefined || target === undefined ? UNNAMED_REQUEST : `${operation} ${target}`;
}

/** The same for the logical span, whose operation is always known. */
export function logicalName(request: GatewayRequest, operation: string, redaction?: Redaction): string {
  return named(operation, targetOf(request, redaction));
}

/** `{operation} {model of the attempt}`; tools, agents and routes have no model and keep the request's object. */
export function attemptName(
  request: GatewayRequest,
  attempt: Attempt,
  operation: string,
  redaction?: Redaction,
): string {
  const model = shown(ATTRIBUTE.attemptModel, attempt.model, redaction);
  return named(operation, hasOwnObject(request) ? targetOf(request, redaction) : model);
}

function named(operation: string, target: string | undefined): string {
  return target === undefined ? operation : `${operation} ${target}`;
}

function hasOwnObject({ mcp, a2a, passthroughRoute }: GatewayRequest): boolean {
  return mcp?.tool !== undefined || a2a?.agent !== undefined || passthroughRoute !== undefined;
}

function targetOf(request: GatewayRequest, redaction: Redaction | undefined): string | undefined {
  const { mcp, a2a, passthroughRoute, requestedModel } = request;
  if (mcp?.tool !== undefined) return shown(ATTRIBUTE.toolName, mcp.tool, redaction);
  if (a2a?.agent !== undefined) return shown(ATTRIBUTE.agentName, a2a.agent, redaction);
  if (passthroughRoute !== undefined) return shown(ATTRIBUTE.passthroughRoute, passthroughRoute, redaction);
  return shown(ATTRIBUTE.requestModel, requestedModel, redaction);
}

function shown(attribute: string, value: string | undefined, redaction: Redaction | undefined): string | undefined {
  if (value === undefined || value === '' || value.length > MAX_NAMED_LENGTH) return undefined;
  const wellFormed = value.toWellFormed();
  return redaction === undefined ? wellFormed : redaction.text(attribute, wellFormed);
}
