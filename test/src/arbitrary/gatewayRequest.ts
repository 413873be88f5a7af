import { type Attempt, type GatewayRequest, OUTCOMES, type Tokens } from '@aisix-observability/evidence';
import fc from 'fast-check';

/** Texts as callers and providers may choose them: scripts, controls, lone surrogates, and far too long ones. */
const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 24 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.nat({ max: 0xffff }), { minLength: 1, maxLength: 12 }).map((u) => String.fromCharCode(...u)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'ü', '東', '🚀'), fc.integer({ min: 600, max: 2500 }))
      .map(([unit, count]) => unit.repeat(count)),
  },
);

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const traceId = fc.oneof(
  { weight: 8, arbitrary: hex(32) },
  { weight: 1, arbitrary: fc.constantFrom('0'.repeat(32), 'not a trace id', '4BF92F3577B34DA6A3CE929D0E0E4736') },
);
const spanId = fc.oneof({ weight: 8, arbitrary: hex(16) }, { weight: 1, arbitrary: fc.constant('0'.repeat(16)) });

const outcome = fc.constantFrom(...OUTCOMES);
const status = fc.oneof(
  fc.constantFrom(200, 401, 404, 422, 429, 499, 500, 502, 504),
  fc.integer({ min: 100, max: 599 }),
);
/** Also larger than any counter should be, and larger than a double counts exactly. */
const count = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 200_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 53, 1e300) },
);
const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
const time = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 1_795_415_437_000, max: 1_795_415_440_000, noNaN: true }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_795_415_437, max: 1_795_415_440 }).map((seconds) => seconds * 1000) },
  { weight: 1, arbitrary: fc.constantFrom(0, -5, 0.000_4, 999.999_999_9, 32_503_680_000_000) },
);

/** Keys in any order, so that a test notices when the order shows. */
function partial<T extends object, K extends keyof T>(
  model: { [Key in keyof T]: fc.Arbitrary<T[Key]> },
  requiredKeys: readonly K[],
): fc.Arbitrary<Partial<T> & Pick<T, K>> {
  return fc.record(model, { requiredKeys: [...requiredKeys] }) as unknown as fc.Arbitrary<Partial<T> & Pick<T, K>>;
}

const tokens = partial<Required<Tokens>, never>(
  { input: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count },
  [],
);

const attempt: fc.Arbitrary<Attempt> = partial<Required<Attempt>, RequiredOfAttempt>(
  {
    index: fc.nat({ max: 6 }),
    kind: fc.constantFrom('initial', 'retry', 'fallback', 'panel', 'judge'),
    model: text,
    modelId: text,
    providerKeyLabel: text,
    provider: fc.oneof(text, fc.constantFrom('OpenAI', 'Azure OpenAI', 'mistral', ' ')),
    status,
    outcome,
    errorClass: fc.constantFrom('timeout', 'upstream_status', 'transport', 'rate_limit_exceeded'),
    errorMessage: text,
    startTime: time,
    endTime: time,
    durationMs: amount,
    ttftMs: amount,
    dispatched: fc.boolean(),
    finishReason: text,
    responseModel: text,
    responseId: text,
    tokens,
  },
  ['index', 'kind', 'outcome', 'startTime', 'endTime', 'durationMs', 'dispatched'],
);
type RequiredOfAttempt = 'index' | 'kind' | 'outcome' | 'startTime' | 'endTime' | 'durationMs' | 'dispatched';

/** Number and kind together name an attempt, so no two are equal in both. */
const attempts = fc
  .uniqueArray(attempt, { maxLength: 6, selector: ({ index, kind }) => `${index}/${kind}` })
  .map((list) => list.toSorted((a, b) => a.index - b.index));

const guardrailHit = fc.record({
  name: text,
  hook: text,
  action: text,
  mode: fc.constantFrom('enforced' as const, 'monitor' as const),
});

type Known = Required<GatewayRequest>;
type RequiredOfRequest =
  | 'requestId'
  | 'environment'
  | 'n'
  | 'state'
  | 'timing'
  | 'startTime'
  | 'endTime'
  | 'durationMs'
  | 'outcome'
  | 'revision'
  | 'feeds'
  | 'attempts';

/**
 * Any request that the model's types allow, and some that only a faulty producer would make (children outside of their
 * request, ends before starts, invalid ids): what is built of it must hold anyway.
 */
export const gatewayRequest: fc.Arbitrary<GatewayRequest> = partial<Known, RequiredOfRequest>(
  {
    requestId: text,
    traceId,
    environment: fc.constantFrom('0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11', 'prod', 'staging'),
    n: fc.nat({ max: 3 }),
    dataPlane: fc.constantFrom('dp-1', 'dp-2'),
    state: fc.constant('final' as const),
    timing: fc.constantFrom('measured' as const, 'reconstructed' as const),
    startTime: time,
    endTime: time,
    durationMs: amount,
    status,
    outcome,
    requestedModel: text,
    servedModel: text,
    modelId: text,
    errorClass: text,
    errorMessage: text,
    usageEstimated: fc.boolean(),
    apiKeyId: text,
    apiKeyName: text,
    protocol: fc.constantFrom('openai', 'anthropic', 'mcp', 'a2a', 'passthrough', 'realtime', 'batch', 'of tomorrow'),
    operation: fc.oneof(fc.constantFrom('chat', 'embeddings', 'messages', 'speech', 'image_edit'), text),
    stream: fc.boolean(),
    ttftMs: amount,
    downstreamLatencyMs: amount,
    tokens,
    costUsd: amount,
    audioDurationSeconds: amount,
    cache: partial<Required<NonNullable<GatewayRequest['cache']>>, 'status'>(
      { status: text, layer: text, similarity: amount, savedInputTokens: count, savedOutputTokens: count },
      ['status'],
    ),
    guardrail: partial<Required<NonNullable<GatewayRequest['guardrail']>>, 'blocked'>(
      {
        blocked: fc.boolean(),
        bypassedReason: text,
        applied: fc.array(fc.record({ kind: text, hook: text }), { maxLength: 40 }),
        hits: fc.array(guardrailHit, { maxLength: 40 }),
        redactedEntities: fc.dictionary(text, count, { maxKeys: 40 }),
      },
      ['blocked'],
    ),
    mcp: partial<Required<NonNullable<GatewayRequest['mcp']>>, never>({ server: text, tool: text }, []),
    a2a: partial<Required<NonNullable<GatewayRequest['a2a']>>, never>(
      {
        agent: text,
        method: text,
        operation: text,
        protocolVersion: text,
        taskId: text,
        contextId: text,
        taskState: text,
        streamEventCount: count,
      },
      [],
    ),
    passthroughRoute: text,
    authType: text,
    jwt: partial<Required<NonNullable<GatewayRequest['jwt']>>, never>(
      { subject: text, provider: text, claimMapping: text },
      [],
    ),
    client: partial<Required<NonNullable<GatewayRequest['client']>>, never>(
      { address: text, userAgent: text, identity: text },
      [],
    ),
    parent: partial<Required<NonNullable<GatewayRequest['parent']>>, 'spanId'>(
      { spanId, traceState: fc.oneof(text, fc.constantFrom('vendor=x', 'a=1, b=2', 'ot=th:8;rv:1,b=2')) },
      ['spanId'],
    ),
    revision: fc.nat({ max: 2 }),
    feeds: fc.subarray(['usage' as const, 'span' as const]),
    exportedTraceIds: fc.constant({}),
    attempts,
    extra: fc.constant({ future_field: 'x' }),
  },
  [
    'requestId',
    'environment',
    'n',
    'state',
    'timing',
    'startTime',
    'endTime',
    'durationMs',
    'outcome',
    'revision',
    'feeds',
    'attempts',
  ],
);
