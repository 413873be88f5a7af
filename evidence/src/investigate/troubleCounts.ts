import { type Codes, coded, codesOf } from './codes.ts';
import type { Evidence } from './evidence.ts';
import { firstAt } from './evidence.ts';
import { isWanted } from './incidentFilter.ts';
import type { IncidentFilter } from './model.ts';
import { slowLimits } from './slowLimits.ts';

/** Keys beyond this are only seen through the models that they use. */
const MAX_KEYS = 3_000;
/**
 * Names of models are as many as callers make up, and each has a count for every step: 32 MiB, which more than three
 * thousand models fill in six hours. Of more those with fewest requests are only seen through their callers.
 */
const MAX_MODEL_STEPS = 2 ** 23;

const KINDS = ['outcome', 'attempt', 'slow'] as const;

/** Bad requests of one model or caller key, in one way. */
export interface Series {
  readonly kind: (typeof KINDS)[number];
  /** -1 for `slow`. */
  readonly signature: number;
  readonly by: 'model' | 'key';
  /** Index into the names of models or keys. */
  readonly of: number;
  /** The step of every bad one, ascending: they are few beside the steps. */
  readonly steps: readonly number[];
}

/** Counts of a row of things by step. */
export interface Totals {
  of(thing: number): Uint32Array;
}

/** What was counted by steps of time. */
export interface TroubleCounts {
  readonly bins: number;
  readonly models: readonly string[];
  readonly keys: readonly string[];
  readonly series: Iterable<Series>;
  readonly all: Uint32Array;
  readonly modelTotal: Totals;
  readonly attemptTotal: Totals;
  readonly successTotal: Totals;
  readonly keyTotal: Totals;
}

interface Numbered {
  readonly names: string[];
  /** By combination; -1 for what has no name. */
  readonly of: Int32Array;
}

/** Names in the order in which combinations have them, as many as `most`. */
function numbered({ values, code }: Codes, most: number, isLeftOut?: Uint8Array): Numbered {
  const names: string[] = [];
  const byCode = new Int32Array(values.length).fill(-1);
  const of = new Int32Array(code.length);
  for (let number = 0; number < code.length; number++) {
    const own = code[number] ?? 0;
    const name = values[own];
    if (byCode[own] === -1 && name !== undefined && names.length < most && isLeftOut?.[own] !== 1) {
      byCode[own] = names.push(name) - 1;
    }
    of[number] = byCode[own] ?? -1;
  }
  return { names, of };
}

/** By code: 1 for all but the `most` that have most requests; undefined where there are no more. */
function leftOut({ combination }: Evidence, { values, code }: Codes, most: number): Uint8Array | undefined {
  if (values.length <= most) return undefined;
  const requests = new Uint32Array(values.length);
  for (const number of combination) requests[code[number] ?? 0] = (requests[code[number] ?? 0] ?? 0) + 1;
  const byRequests = Uint32Array.from(values, (_, own) => own).sort(
    (a, b) => (requests[b] ?? 0) - (requests[a] ?? 0) || a - b,
  );
  const isLeftOut = new Uint8Array(values.length);
  for (const own of byRequests.subarray(most)) isLeftOut[own] = 1;
  return isLeftOut;
}

/** By result: models that were tried, as many as there is room for, and failed tries that are not how the request ended. */
function attemptsOf({ window, signatures }: Evidence, models: string[], most: number) {
  const numbers = new Map(models.map((name, number) => [name, number]));
  const numberOf = (name = ''): number => {
    const known = numbers.get(name);
    if (known !== undefined || models.length >= most) return known ?? -1;
    numbers.set(name, models.length);
    return models.push(name) - 1;
  };
  const attempted = window.results.map(({ attempts }) =>
    [...new Set(attempts.map(({ model }) => numberOf(model)))].filter((model) => model >= 0),
  );
  const tried = window.results.map(({ attempts }, result) => {
    const all = attempts.map(({ model }, place) => ({
      model: numberOf(model),
      signature: signatures.ofAttempts[result]?.[place] ?? -1,
    }));
    return all.filter(
      ({ model, signature }, index) =>
        model >= 0 &&
        signature >= 0 &&
        signature !== signatures.ended[result] &&
        all.findIndex((one) => one.model === model && one.signature === signature) === index,
    );
  });
  return { attempted, tried };
}

function seriesIn(bins: number, width: number, height: number) {
  const series = new Map<number, Series & { readonly steps: number[] }>();
  const bump = (kind: Series['kind'], signature: number, by: Series['by'], of: number, bin: number): void => {
    const group = KINDS.indexOf(kind) * 2 + (by === 'key' ? 1 : 0);
    const key = (group * height + signature + 1) * width + of;
    let one = series.get(key);
    if (one === undefined) {
      one = { kind, signature, by, of, steps: [] };
      series.set(key, one);
    }
    one.steps.push(bin);
  };
  const table = (things: number) => {
    const counts = new Uint32Array(things * bins);
    return { counts, of: (thing: number) => counts.subarray(thing * bins, (thing + 1) * bins) };
  };
  return { series, bump, table };
}

/** Counts requests and bad ones by model and caller key, in one pass over what is known at `until`. */
export function countTroubles(
  evidence: Evidence,
  until: number,
  filter: IncidentFilter | undefined,
  maxModelSteps: number = MAX_MODEL_STEPS,
): TroubleCounts {
  const { window, combination, resultNumber, shapeNumber, signatures } = evidence;
  const { stepMillis } = evidence.parameters;
  // A last step that is not over yet would look like silence.
  const bins = Math.max(0, Math.floor((Math.min(until, window.to) - window.from) / stepMillis));
  const wanted = isWanted(evidence, filter);
  const requested = coded(evidence, 'requestedModel');
  const mostModels = Math.max(1, Math.floor(maxModelSteps / Math.max(1, bins)));
  const models = numbered(
    { ...requested, values: requested.values.map((name) => name ?? '') },
    mostModels,
    leftOut(evidence, requested, mostModels),
  );
  const keys = numbered(callerCodes(evidence), MAX_KEYS);
  // As much room again is for models that nobody asks for by name.
  const { attempted, tried } = attemptsOf(evidence, models.names, 2 * mostModels);
  const { series, bump, table } = seriesIn(
    bins,
    Math.max(models.names.length, keys.names.length) + 1,
    signatures.signatures.length + 1,
  );
  const modelTotal = table(models.names.length);
  const attemptTotal = table(models.names.length);
  const successTotal = table(models.names.length);
  const keyTotal = table(keys.names.length);
  const all = new Uint32Array(bins);
  const add = (counts: Uint32Array, at: number): void => {
    counts[at] = (counts[at] ?? 0) + 1;
  };
  const slow = slowLimits(evidence);
  const isAnswer = Uint8Array.from(window.results, ({ outcome, cacheHit }) =>
    outcome === 'success' && !cacheHit ? 1 : 0,
  );
  const end = firstAt(window, window.from + bins * stepMillis);
  for (let row = 0; row < end; row++) {
    const number = combination[row] ?? 0;
    if (wanted[number] === 0) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((window.startTime[row] ?? 0) - window.from) / stepMillis)));
    const model = models.of[number] ?? -1;
    const key = keys.of[number] ?? -1;
    const result = resultNumber[number] ?? 0;
    add(all, bin);
    if (model >= 0) add(modelTotal.counts, model * bins + bin);
    if (key >= 0) add(keyTotal.counts, key * bins + bin);
    const signature = signatures.ended[result] ?? -1;
    if (signature >= 0) {
      if (model >= 0) bump('outcome', signature, 'model', model, bin);
      if (key >= 0) bump('outcome', signature, 'key', key, bin);
    } else if (isAnswer[result] === 1 && model >= 0) {
      add(successTotal.counts, model * bins + bin);
      const limit = slow.limitOf(shapeNumber[number] ?? 0);
      if (limit !== undefined && (window.durationMs[row] ?? 0) > limit) bump('slow', -1, 'model', model, bin);
    }
    for (const one of attempted[result] ?? []) add(attemptTotal.counts, one * bins + bin);
    for (const one of tried[result] ?? []) bump('attempt', one.signature, 'model', one.model, bin);
  }
  return {
    bins,
    models: models.names,
    keys: keys.names,
    series: series.values(),
    all,
    modelTotal,
    attemptTotal,
    successTotal,
    keyTotal,
  };
}

/** Callers of all combinations, by id or name. */
export function callerCodes(evidence: Evidence): Codes {
  return evidence.remember('codes caller', () =>
    codesOf(evidence, ({ apiKeyId, apiKeyName }) => apiKeyId ?? apiKeyName),
  );
}
