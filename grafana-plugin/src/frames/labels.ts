import type { GatewayRequest } from '../api/contract';

/** Groups of labels in the details of a row, in the words of the product. */
export type LabelGroup = 'Request' | 'Models' | 'Caller' | 'Error' | 'Usage' | 'Gateway' | 'Change';

type Read = (request: GatewayRequest) => unknown;

const NONE: readonly string[] = [];

/** Each by its name once; names may hold commas, so that a text of several is no list of them. */
const hitGuardrails = ({ guardrail }: GatewayRequest): readonly string[] =>
  guardrail?.hits === undefined
    ? NONE
    : [...new Set(guardrail.hits.map(({ name }) => name))].filter((name) => name !== undefined && name !== '');

/**
 * Labels of a row by the name of the field that filters by it, so that a click on a value makes a filter that the server
 * understands. Absent facts have no label.
 */
const LABELS: Readonly<Record<string, readonly [LabelGroup, Read]>> = {
  outcome: ['Request', ({ outcome }) => outcome],
  status: ['Request', ({ status }) => status],
  requestId: ['Request', ({ requestId }) => requestId],
  traceId: ['Request', ({ traceId }) => traceId],
  environment: ['Request', ({ environment }) => environment],
  durationMs: ['Request', ({ durationMs }) => Math.round(durationMs)],
  ttftMs: ['Request', ({ ttftMs }) => ttftMs],
  operation: ['Request', ({ operation }) => operation],
  protocol: ['Request', ({ protocol }) => protocol],
  stream: ['Request', ({ stream }) => stream],
  requestedModel: ['Models', ({ requestedModel }) => requestedModel],
  servedModel: ['Models', ({ servedModel }) => servedModel],
  modelId: ['Models', ({ modelId }) => modelId],
  attemptCount: ['Models', ({ attempts }) => attempts.length],
  'mcp.server': ['Models', ({ mcp }) => mcp?.server],
  'mcp.tool': ['Models', ({ mcp }) => mcp?.tool],
  'a2a.agent': ['Models', ({ a2a }) => a2a?.agent],
  passthroughRoute: ['Models', ({ passthroughRoute }) => passthroughRoute],
  apiKeyName: ['Caller', ({ apiKeyName }) => apiKeyName],
  apiKeyId: ['Caller', ({ apiKeyId }) => apiKeyId],
  'jwt.subject': ['Caller', ({ jwt }) => jwt?.subject],
  'jwt.provider': ['Caller', ({ jwt }) => jwt?.provider],
  'client.address': ['Caller', ({ client }) => client?.address],
  'client.userAgent': ['Caller', ({ client }) => client?.userAgent],
  'client.identity': ['Caller', ({ client }) => client?.identity],
  errorClass: ['Error', ({ errorClass }) => errorClass],
  errorMessage: ['Error', ({ errorMessage }) => errorMessage],
  'guardrail.blocked': ['Error', ({ guardrail }) => guardrail?.blocked],
  'guardrail.name': [
    'Error',
    (request) => (hitGuardrails(request).length === 1 ? hitGuardrails(request)[0] : undefined),
  ],
  'guardrail.names': [
    'Error',
    (request) => (hitGuardrails(request).length > 1 ? hitGuardrails(request).join(', ') : undefined),
  ],
  'tokens.input': ['Usage', ({ tokens }) => tokens?.input],
  'tokens.output': ['Usage', ({ tokens }) => tokens?.output],
  'tokens.cacheRead': ['Usage', ({ tokens }) => tokens?.cacheRead],
  'tokens.cacheWrite': ['Usage', ({ tokens }) => tokens?.cacheWrite],
  'tokens.reasoning': ['Usage', ({ tokens }) => tokens?.reasoning],
  costUsd: ['Usage', ({ costUsd }) => costUsd],
  usageEstimated: ['Usage', ({ usageEstimated }) => usageEstimated],
  'cache.status': ['Usage', ({ cache }) => cache?.status],
  'cache.layer': ['Usage', ({ cache }) => cache?.layer],
  dataPlane: ['Gateway', ({ dataPlane }) => dataPlane],
  state: ['Gateway', ({ state }) => state],
  timing: ['Gateway', ({ timing }) => timing],
  revision: ['Gateway', ({ revision }) => (revision === 0 ? undefined : revision)],
};

/** Labels of rows that tell a change; none of them filters requests. */
export const CHANGE_LABELS = [
  'kind',
  'action',
  'resource',
  'actor',
  'changeEnvironment',
  'changeScope',
  'trust',
  'result',
  'changeState',
  'verdict',
  'paths',
] as const;

// Two lists and a counting loop: this runs for a thousand rows before anything is compiled.
const FIELDS = Object.keys(LABELS);
const READERS = Object.values(LABELS).map(([, read]) => read);

/** Labels that do not filter: times and numbers that hardly ever repeat, and what is several values in one text. */
const UNFILTERED = new Set(['durationMs', 'ttftMs', 'costUsd', 'guardrail.names']);

export const isFilterable = (label: string) => label in LABELS && !UNFILTERED.has(label);

export function labelGroupOf(label: string): LabelGroup | undefined {
  if (CHANGE_LABELS.some((known) => known === label)) return 'Change';
  return LABELS[label]?.[0];
}

/** Values as texts, as they are: Grafana shows them as text, and a filter needs them whole. */
export function labelsOf(request: GatewayRequest, environmentName: (id: string) => string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let at = 0; at < FIELDS.length; at++) {
    const value = READERS[at]?.(request);
    if (value !== undefined && value !== '')
      labels[FIELDS[at] ?? ''] = typeof value === 'string' ? value : String(value);
  }
  labels.environment = environmentName(request.environment);
  return labels;
}
