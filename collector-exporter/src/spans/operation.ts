import type { GatewayRequest } from '@aisix-observability/evidence';

/**
 * The gateway's word for an operation → `gen_ai.operation.name`. A well-known value of the convention where one fits
 * exactly; else the gateway's own word, which the convention allows.
 */
const BY_GATEWAY_WORD: ReadonlyMap<string, string> = new Map([
  ['messages', 'chat'],
  ['responses', 'chat'],
  ['chat.completions', 'chat'],
  ['completions', 'text_completion'],
  ['mcp', 'execute_tool'],
  ['a2a', 'invoke_agent'],
]);

/** Operations name spans and label metrics, so only what looks like one is taken for one. */
const AN_OPERATION = /^[a-z][a-z0-9_.-]{0,63}$/;

/** Inbound protocol → operation, for gateways that do not say the operation. */
const BY_PROTOCOL: ReadonlyMap<string, string> = new Map([
  ['openai', 'chat'],
  ['anthropic', 'chat'],
  ['mcp', 'execute_tool'],
  ['a2a', 'invoke_agent'],
  ['passthrough', 'passthrough'],
  ['realtime', 'realtime'],
  ['batch', 'batch_completion'],
]);

/** `gen_ai.output.type` where the operation alone decides it. */
const OUTPUT_TYPES: ReadonlyMap<string, string> = new Map([
  ['image_generation', 'image'],
  ['image_edit', 'image'],
  ['speech', 'speech'],
]);

/** What a call is named that does not say what it is: everything that goes to a model through this gateway is a chat then. */
export const USUAL_OPERATION = 'chat';

/**
 * Operation of a request. The data plane's own spans say `chat` of everything that goes to a model, so a protocol
 * that is more specific wins over that word. Undefined only for a request that reached no model and does not say what it was.
 */
export function operationOf(request: GatewayRequest): string | undefined {
  const byProtocol = request.protocol === undefined ? undefined : BY_PROTOCOL.get(request.protocol);
  const said = spoken(request.operation);
  if (said !== undefined && said !== USUAL_OPERATION) return said;
  if (byProtocol !== undefined) return byProtocol;
  if (said !== undefined) return said;
  if (request.mcp !== undefined) return 'execute_tool';
  if (request.a2a !== undefined) return 'invoke_agent';
  if (request.passthroughRoute !== undefined) return 'passthrough';
  return request.requestedModel !== undefined || request.attempts.length > 0 ? USUAL_OPERATION : undefined;
}

function spoken(word: string | undefined): string | undefined {
  if (word === undefined || !AN_OPERATION.test(word)) return undefined;
  return BY_GATEWAY_WORD.get(word) ?? word;
}

export function outputTypeOf(operation: string | undefined): string | undefined {
  return operation === undefined ? undefined : OUTPUT_TYPES.get(operation);
}
