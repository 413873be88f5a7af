import {
  type CatalogueEntry,
  type ConfigChange,
  createWindow,
  PRODUCT_PARAMETERS,
  packWindow,
  prepareEvidence,
  rankSuspects,
  unpackWindow,
  weighChange,
} from '@aisix-observability/evidence';

/** As many as are needed for the loops over requests to be compiled. */
const REQUESTS = 20_000;
const MODELS = 20;
const CALLERS = 40;
const AFTER_MILLIS = PRODUCT_PARAMETERS.looks.at(-1)?.afterMillis ?? 0;

const modelName = (model: number): string => `model-${model}`;

function madeUpChange(model: number, at: number): ConfigChange {
  return {
    id: `change-${model}`,
    occurredAt: at,
    observedAt: at,
    effective: [],
    action: 'update',
    resource: { kind: 'model', id: modelName(model), name: modelName(model) },
    environment: 'rehearsal',
    paths: [{ path: '/timeout', before: 2, after: 1, secret: false }],
    result: 'success',
    trust: 'signed',
    state: 'applied',
    foundLate: false,
    conflict: false,
    source: 'rehearsal',
  };
}

/**
 * Weighs two made-up changes and ranks them. Code that runs for the first time has to be compiled, which takes longer
 * than an answer; so nobody waits for it.
 */
export function rehearse(): void {
  const [from, at] = [0, PRODUCT_PARAMETERS.historyMillis];
  const to = at + AFTER_MILLIS;
  const requests = createWindow({ environment: 'rehearsal', from, to });
  for (let request = 0; request < REQUESTS; request += 1) {
    const startTime = from + (request * (to - from)) / REQUESTS;
    const model = modelName((request * 7) % MODELS);
    const failed = request % 29 === 0 || (startTime > at && model === modelName(1) && request % 3 === 0);
    const outcome = failed ? 'provider_timeout' : 'success';
    const ended = { status: failed ? 504 : 200, outcome, errorClass: failed ? 'timeout' : undefined } as const;
    requests.add({
      ...ended,
      startTime,
      durationMs: 200 + ((request * 31) % 977),
      reconstructed: request % 3 === 0,
      requestedModel: model,
      servedModel: failed ? undefined : model,
      modelId: model,
      apiKeyId: `caller-${(request * 13) % CALLERS}`,
      stream: request % 2 === 0,
      cacheHit: false,
      attempts: [{ model, modelId: model, ...ended }],
    });
  }
  const changes = [madeUpChange(1, at), madeUpChange(2, at - 60_000)];
  const entries = Array.from(
    { length: MODELS },
    (_, model): CatalogueEntry => ({
      kind: 'model',
      id: modelName(model),
      name: modelName(model),
      environment: 'rehearsal',
      value: { timeout: 2 },
    }),
  );
  // As it comes from another thread: objects of the same make.
  const window = unpackWindow(structuredClone(packWindow(requests.build())));
  const evidence = prepareEvidence({ window, changes, config: { at: () => entries } });
  for (const change of changes) weighChange(evidence, change, to);
  rankSuspects(evidence, { start: at }, to);
}
