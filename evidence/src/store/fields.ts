import { OUTCOMES } from '../model/outcome.ts';

/** What a field's values are; decides which operators make sense and how a value is read. */
export type FieldType = 'text' | 'number' | 'boolean' | 'time';

/**
 * `request`: of the request itself. `attempts`: one value an attempt. Where a request has several values of a field
 * (`attempt.*`, and `guardrail.name` with one for each hit), a filter holds when any of them fulfils it.
 */
export type FieldScope = 'request' | 'attempts';

export interface FieldSpec {
  readonly type: FieldType;
  readonly scope: FieldScope;
  /** One sentence for the people who build queries. */
  readonly description: string;
  /** Closed set of values, where there is one. */
  readonly values?: readonly string[];
  /** Few enough values to group by and to offer in lists. */
  readonly groupable?: boolean;
  /** Searched by free text. */
  readonly freeText?: boolean;
  /** Says something of a person; configuration decides who sees it clear, hashed, or not at all. */
  readonly personal?: boolean;
  /** Unit of a number. */
  readonly unit?: string;
}

/**
 * Every field of a request that can be filtered by, by its path in the JSON of `GatewayRequest`. `attempt.*` stands for
 * the attempts; their number is `attemptCount`.
 */
export const REQUEST_FIELDS = {
  requestId: {
    type: 'text',
    scope: 'request',
    freeText: true,
    description: 'id of the request, as the caller sees it in x-aisix-request-id',
  },
  traceId: { type: 'text', scope: 'request', freeText: true, description: 'trace id, 32 hex digits' },
  environment: { type: 'text', scope: 'request', groupable: true, description: 'id of the environment' },
  dataPlane: { type: 'text', scope: 'request', groupable: true, description: 'id of the data plane that served it' },
  state: {
    type: 'text',
    scope: 'request',
    groupable: true,
    values: ['open', 'final'],
    description: 'open while more facts are expected',
  },
  timing: {
    type: 'text',
    scope: 'request',
    groupable: true,
    values: ['measured', 'reconstructed'],
    description: 'measured by spans, or reconstructed to half a second',
  },
  startTime: { type: 'time', scope: 'request', unit: 'ms', description: 'when the gateway received it' },
  endTime: { type: 'time', scope: 'request', unit: 'ms', description: 'when the answer was written' },
  durationMs: { type: 'number', scope: 'request', unit: 'ms', description: 'from received to answered' },
  status: { type: 'number', scope: 'request', groupable: true, description: 'HTTP status that the caller saw' },
  outcome: { type: 'text', scope: 'request', groupable: true, values: OUTCOMES, description: 'what became of it' },
  requestedModel: {
    type: 'text',
    scope: 'request',
    groupable: true,
    freeText: true,
    description: 'model that the caller asked for',
  },
  servedModel: { type: 'text', scope: 'request', groupable: true, freeText: true, description: 'model that answered' },
  modelId: { type: 'text', scope: 'request', freeText: true, description: 'id of the model resource' },
  errorClass: {
    type: 'text',
    scope: 'request',
    groupable: true,
    freeText: true,
    description: 'error class in the words of the gateway',
  },
  errorMessage: { type: 'text', scope: 'request', freeText: true, description: 'error message of the last event' },
  apiKeyId: { type: 'text', scope: 'request', groupable: true, freeText: true, description: 'id of the caller key' },
  apiKeyName: {
    type: 'text',
    scope: 'request',
    groupable: true,
    freeText: true,
    description: 'name of the caller key, where the catalogue knows it',
  },
  protocol: {
    type: 'text',
    scope: 'request',
    groupable: true,
    description: 'protocol of the caller: openai, anthropic, mcp, a2a, …',
  },
  operation: { type: 'text', scope: 'request', groupable: true, description: 'GenAI operation: chat, embeddings, …' },
  stream: { type: 'boolean', scope: 'request', groupable: true, description: 'whether the answer was streamed' },
  ttftMs: {
    type: 'number',
    scope: 'request',
    unit: 'ms',
    description: 'time to the first token, of the attempt that answered',
  },
  'tokens.input': {
    type: 'number',
    scope: 'request',
    unit: 'tokens',
    description: 'input tokens, cached ones included',
  },
  'tokens.output': {
    type: 'number',
    scope: 'request',
    unit: 'tokens',
    description: 'output tokens, reasoning included',
  },
  'tokens.cacheRead': {
    type: 'number',
    scope: 'request',
    unit: 'tokens',
    description: 'input tokens read from the cache of the provider',
  },
  'tokens.cacheWrite': {
    type: 'number',
    scope: 'request',
    unit: 'tokens',
    description: 'input tokens written to the cache of the provider',
  },
  'tokens.reasoning': {
    type: 'number',
    scope: 'request',
    unit: 'tokens',
    description: 'output tokens spent on reasoning',
  },
  costUsd: { type: 'number', scope: 'request', unit: 'USD', description: 'cost as the gateway figured it' },
  usageEstimated: {
    type: 'boolean',
    scope: 'request',
    groupable: true,
    description: 'token counts are estimates of the gateway',
  },
  'cache.status': { type: 'text', scope: 'request', groupable: true, description: 'hit, miss, bypass or disabled' },
  'cache.layer': { type: 'text', scope: 'request', groupable: true, description: 'exact or semantic' },
  'guardrail.blocked': { type: 'boolean', scope: 'request', groupable: true, description: 'a guardrail refused it' },
  'guardrail.name': { type: 'text', scope: 'request', freeText: true, description: 'name of a guardrail that was hit' },
  'mcp.server': { type: 'text', scope: 'request', groupable: true, freeText: true, description: 'MCP server' },
  'mcp.tool': { type: 'text', scope: 'request', groupable: true, freeText: true, description: 'MCP tool' },
  'a2a.agent': { type: 'text', scope: 'request', groupable: true, freeText: true, description: 'A2A agent' },
  passthroughRoute: {
    type: 'text',
    scope: 'request',
    groupable: true,
    freeText: true,
    description: 'passthrough route',
  },
  'jwt.subject': {
    type: 'text',
    scope: 'request',
    freeText: true,
    personal: true,
    description: 'subject of the token of the caller',
  },
  'jwt.provider': {
    type: 'text',
    scope: 'request',
    groupable: true,
    description: 'OIDC provider of the token of the caller',
  },
  'client.address': {
    type: 'text',
    scope: 'request',
    freeText: true,
    personal: true,
    description: 'address of the caller',
  },
  'client.userAgent': {
    type: 'text',
    scope: 'request',
    freeText: true,
    personal: true,
    description: 'user agent of the caller',
  },
  'client.identity': {
    type: 'text',
    scope: 'request',
    freeText: true,
    personal: true,
    description: 'end user that the caller named',
  },
  revision: { type: 'number', scope: 'request', description: 'number of corrections' },
  attemptCount: { type: 'number', scope: 'request', groupable: true, description: 'number of attempts' },
  'attempt.kind': {
    type: 'text',
    scope: 'attempts',
    values: ['initial', 'retry', 'fallback', 'panel', 'judge'],
    description: 'kind of an attempt',
  },
  'attempt.model': { type: 'text', scope: 'attempts', freeText: true, description: 'target model of an attempt' },
  'attempt.modelId': { type: 'text', scope: 'attempts', description: 'id of the target model of an attempt' },
  'attempt.provider': { type: 'text', scope: 'attempts', freeText: true, description: 'provider of an attempt' },
  'attempt.providerKeyLabel': {
    type: 'text',
    scope: 'attempts',
    freeText: true,
    description: 'label of the provider key of an attempt',
  },
  'attempt.status': { type: 'number', scope: 'attempts', description: 'HTTP status of an attempt' },
  'attempt.outcome': { type: 'text', scope: 'attempts', values: OUTCOMES, description: 'outcome of an attempt' },
  'attempt.errorClass': { type: 'text', scope: 'attempts', description: 'error class of an attempt' },
  'attempt.errorMessage': {
    type: 'text',
    scope: 'attempts',
    freeText: true,
    description: 'error message of an attempt',
  },
  'attempt.responseId': {
    type: 'text',
    scope: 'attempts',
    freeText: true,
    description: 'id that the provider gave its answer',
  },
  'attempt.responseModel': {
    type: 'text',
    scope: 'attempts',
    freeText: true,
    description: 'model that the provider says it used',
  },
  'attempt.finishReason': { type: 'text', scope: 'attempts', description: 'why the provider stopped' },
} as const satisfies Readonly<Record<string, FieldSpec>>;

export type RequestField = keyof typeof REQUEST_FIELDS;

/** The fields that a caller may see hashed or not at all. */
export type PersonalField = {
  [Field in RequestField]: (typeof REQUEST_FIELDS)[Field] extends { readonly personal: true } ? Field : never;
}[RequestField];

export const FILTER_OPERATORS = [
  'eq',
  'neq',
  'in',
  'nin',
  'contains',
  'regex',
  'gt',
  'gte',
  'lt',
  'lte',
  'exists',
] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** The operators that make sense on each type; `contains` and `regex` read a number as its decimal text. */
export const OPERATORS_OF_TYPE: Readonly<Record<FieldType, readonly FilterOperator[]>> = {
  text: FILTER_OPERATORS,
  number: FILTER_OPERATORS,
  boolean: ['eq', 'neq', 'in', 'nin', 'exists'],
  time: ['eq', 'neq', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'exists'],
};
