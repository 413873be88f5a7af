import fc from 'fast-check';
import { OUTCOMES } from '../../model/outcome.ts';
import type { Attempt, GatewayRequest, Tokens } from '../../model/request.ts';

/** Texts that mean something to a pattern, to a query language, to a case mapping, or to nobody. */
export const NASTY_TEXTS = [
  'gpt-4o',
  'GPT-4o',
  'gpt-4o-mini',
  'smart',
  '100%',
  '%',
  '_',
  'a_b',
  'axb',
  '\\',
  'a\\b',
  "o'hara",
  "'",
  '"quoted"',
  '`tick`',
  "'); DROP TABLE requests; --",
  "' OR '1'='1",
  '$1',
  '?',
  '{"a":1}',
  'null',
  'NULL',
  'true',
  '0',
  '',
  ' ',
  'two  words',
  'line one\nline two',
  'модель',
  'МОДЕЛЬ',
  'Straße',
  'ΣΑΣ',
  'é',
  'モデル',
  '🚀 rocket',
  '.*',
  '[a-z]+',
  '\ufffd',
  '\uffff',
] as const;

const text = fc.constantFrom(...NASTY_TEXTS);
const label = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('gpt-4o', 'GPT-4o', 'smart', 'a_b', '100%') }, text);

/** Few enough days that they fill up, and far enough apart that one is empty. */
export const FIRST_DAY = Date.UTC(2026, 10, 21);
export const DAY_MILLIS = 86_400_000;
const MIDDAY = 43_200_000;

/**
 * Starts: many at the very same time, some that differ by less than a microsecond, and some at either side of midnight.
 */
export const startTime: fc.Arbitrary<number> = fc
  .tuple(
    fc.constantFrom(0, 1, 1, 2, 4),
    fc.oneof(
      fc.constantFrom(0, 0.25, 1, MIDDAY, MIDDAY + 0.1231, MIDDAY + 0.1232, MIDDAY + 0.5, DAY_MILLIS - 1),
      fc.nat({ max: 20 }).map((minutes) => MIDDAY + minutes * 60_000),
      fc.double({ min: MIDDAY, max: MIDDAY + 3_600_000, noNaN: true }),
    ),
  )
  .map(([day, inDay]) => FIRST_DAY + day * DAY_MILLIS + inDay);

const millis = fc.oneof(
  fc.nat({ max: 2_000 }),
  fc.nat({ max: 500_000 }).map((quarters) => quarters / 4),
  fc.constantFrom(0, 0.5, 1, 250, 600_000),
);
const count = fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 200_000 }), fc.constant(0xffff_ffff));
const status = fc.constantFrom(200, 200, 200, 401, 404, 422, 429, 499, 500, 502, 504);
const outcome = fc.constantFrom('success' as const, 'success' as const, ...OUTCOMES);
const dollars = fc.constantFrom(0, 0.000_1, 0.012_5, 1.5, 3);

/** Any of the keys, but at least one: an empty object would say nothing. */
function someOf<T>(model: { readonly [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<Partial<T>> {
  return fc
    .record<T, never>(model as { [Key in keyof T]: fc.Arbitrary<T[Key]> }, { requiredKeys: [] })
    .filter((made) => Object.keys(made).length > 0) as unknown as fc.Arbitrary<Partial<T>>;
}

/** The keys of `always`, and any of the others. */
function withSome<Always, Some>(
  always: { readonly [Key in keyof Always]: fc.Arbitrary<Always[Key]> },
  some: { readonly [Key in keyof Some]: fc.Arbitrary<Some[Key]> },
): fc.Arbitrary<Always & Partial<Some>> {
  const requiredKeys = Object.keys(always) as (keyof Always)[];
  const model = { ...always, ...some } as { [Key in keyof (Always & Some)]: fc.Arbitrary<(Always & Some)[Key]> };
  return fc.record(model, { requiredKeys }) as unknown as fc.Arbitrary<Always & Partial<Some>>;
}

const tokens = someOf<Required<Tokens>>({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  reasoning: count,
});

type AlwaysOfAttempt = 'index' | 'kind' | 'outcome' | 'startTime' | 'endTime' | 'durationMs' | 'dispatched';
type Known<T, Always extends keyof T> = Required<Omit<T, Always>>;

const attempt: fc.Arbitrary<Attempt> = withSome<Pick<Attempt, AlwaysOfAttempt>, Known<Attempt, AlwaysOfAttempt>>(
  {
    index: fc.nat({ max: 4 }),
    kind: fc.constantFrom('initial', 'retry', 'fallback', 'panel', 'judge'),
    outcome,
    startTime,
    endTime: startTime,
    durationMs: millis,
    dispatched: fc.boolean(),
  },
  {
    model: label,
    modelId: text,
    providerKeyLabel: text,
    provider: text,
    status,
    errorClass: text,
    errorMessage: text,
    ttftMs: millis,
    finishReason: text,
    responseModel: text,
    responseId: text,
    tokens,
  },
);

const attempts = fc
  .uniqueArray(attempt, { maxLength: 4, selector: ({ index, kind }) => `${index}/${kind}` })
  .map((list) => list.toSorted((a, b) => a.index - b.index));

const hit = fc.record({
  name: label,
  hook: fc.constantFrom('input', 'output'),
  action: text,
  mode: fc.constantFrom('enforced' as const, 'monitor' as const),
});

type AlwaysOfRequest =
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
type Part<Key extends keyof GatewayRequest> = Required<NonNullable<GatewayRequest[Key]>>;

const always: { readonly [Key in AlwaysOfRequest]: fc.Arbitrary<GatewayRequest[Key]> } = {
  requestId: fc.oneof(
    { weight: 5, arbitrary: fc.nat({ max: 60 }).map((number) => `request-${number}`) },
    { weight: 1, arbitrary: text },
  ),
  environment: fc.constantFrom('prod', 'staging'),
  n: fc.constantFrom(0, 0, 0, 1),
  state: fc.constantFrom('open', 'final', 'final'),
  timing: fc.constantFrom('measured', 'reconstructed'),
  startTime,
  endTime: startTime,
  durationMs: millis,
  outcome,
  revision: fc.nat({ max: 2 }),
  feeds: fc.subarray(['usage', 'span']),
  attempts,
};

const some: {
  readonly [Key in Exclude<keyof GatewayRequest, AlwaysOfRequest>]-?: fc.Arbitrary<NonNullable<GatewayRequest[Key]>>;
} = {
  traceId: fc.constantFrom('4bf92f3577b34da6a3ce929d0e0e4736', '0af7651916cd43dd8448eb211c80319c'),
  dataPlane: fc.constantFrom('dp-1', 'dp-2'),
  status,
  requestedModel: label,
  servedModel: label,
  modelId: text,
  errorClass: text,
  errorMessage: text,
  usageEstimated: fc.boolean(),
  apiKeyId: fc.constantFrom('key-1', 'key-2', 'key-3'),
  apiKeyName: label,
  protocol: fc.constantFrom('openai', 'anthropic', 'mcp', 'of tomorrow'),
  operation: fc.constantFrom('chat', 'embeddings'),
  stream: fc.boolean(),
  ttftMs: millis,
  downstreamLatencyMs: millis,
  tokens,
  costUsd: dollars,
  audioDurationSeconds: millis,
  cache: withSome<{ status: string }, Omit<Part<'cache'>, 'status'>>(
    { status: fc.constantFrom('hit', 'miss') },
    {
      layer: fc.constantFrom('exact', 'semantic'),
      similarity: fc.constantFrom(0.25, 0.987),
      savedInputTokens: count,
      savedOutputTokens: count,
    },
  ),
  guardrail: withSome<{ blocked: boolean }, Omit<Part<'guardrail'>, 'blocked'>>(
    { blocked: fc.boolean() },
    {
      bypassedReason: text,
      applied: fc.array(fc.record({ kind: text, hook: text }), { minLength: 1, maxLength: 3 }),
      hits: fc.array(hit, { minLength: 1, maxLength: 3 }),
      redactedEntities: fc.constant({ email: 2, "o'hara": 1 }),
    },
  ),
  mcp: someOf<Part<'mcp'>>({ server: label, tool: text }),
  a2a: someOf<Part<'a2a'>>({
    agent: label,
    method: text,
    operation: text,
    protocolVersion: text,
    taskId: text,
    contextId: text,
    taskState: text,
    streamEventCount: count,
  }),
  passthroughRoute: label,
  authType: fc.constant('anonymous'),
  jwt: someOf<Part<'jwt'>>({ subject: text, provider: label, claimMapping: text }),
  client: someOf<Part<'client'>>({ address: text, userAgent: text, identity: text }),
  parent: withSome<{ spanId: string }, { traceState: string }>(
    { spanId: fc.constant('00f067aa0ba902b7') },
    { traceState: text },
  ),
  exportedTraceIds: fc.constant({ tempo: '5bf92f3577b34da6a3ce929d0e0e4736' }),
  extra: fc.constantFrom({ future_field: 'x' }, { deep: { list: [1, 'two', null, { three: 3.5 }], none: false } }),
};

/**
 * A request whose values come from few enough that conditions meet them, whose ids meet those of others, and whose
 * texts are hostile. Lists and objects that say nothing are left out, as the assembler leaves them out.
 */
export const arbitraryRequest: fc.Arbitrary<GatewayRequest> = withSome(always, some) as fc.Arbitrary<GatewayRequest>;
