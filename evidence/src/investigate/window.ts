import type { AttemptRow, RequestResult, RequestRow, RequestShape, RequestWindow } from './model.ts';

/** Different texts that are kept. Messages carry durations and ids, so that nearly every one may be its own. */
export const MAX_MESSAGES = 20_000;
/** An echo stands in the first words. */
export const MAX_MESSAGE_LENGTH = 300;
const FIRST_CAPACITY = 4_096;

const attemptKey = ({ model, modelId, providerKeyLabel, status, outcome, errorClass }: AttemptRow): string =>
  `${model}\u0001${modelId}\u0001${providerKeyLabel}\u0001${status}\u0001${outcome}\u0001${errorClass}`;

/** Takes rows in any order, keeps them as columns. */
export interface WindowBuilder {
  add(row: RequestRow): void;
  /** The window; the builder is used up. */
  build(): RequestWindow;
}

/** Every different text once, with its number. */
class Numbered<Value> {
  readonly values: Value[] = [];
  readonly #numbers = new Map<string, number>();

  of(key: string, make: () => Value): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.values.length);
    return this.values.push(make()) - 1;
  }

  find(key: string): number | undefined {
    return this.#numbers.get(key);
  }
}

function shapeOf(row: RequestRow): RequestShape {
  const { requestedModel, apiKeyId, apiKeyName, dataPlane, protocol, stream, mcpServer, a2aAgent } = row;
  const { passthroughRoute, jwtProvider, jwtClaimMapping, reconstructed } = row;
  return {
    requestedModel,
    apiKeyId,
    apiKeyName,
    dataPlane,
    protocol,
    stream,
    mcpServer,
    a2aAgent,
    passthroughRoute,
    jwtProvider,
    jwtClaimMapping,
    reconstructed,
  };
}

function resultOf(row: RequestRow): RequestResult {
  const { status, outcome, errorClass, servedModel, modelId, cacheHit, guardrails, attempts } = row;
  return { status, outcome, errorClass, servedModel, modelId, cacheHit, guardrails: guardrails ?? [], attempts };
}

const shapeKey = (row: RequestRow): string =>
  `${row.requestedModel}\n${row.apiKeyId}\n${row.apiKeyName}\n${row.dataPlane}\n${row.protocol}\n${row.stream}\n${
    row.mcpServer
  }\n${row.a2aAgent}\n${row.passthroughRoute}\n${row.jwtProvider}\n${row.jwtClaimMapping}\n${row.reconstructed}`;

const resultKey = (row: RequestRow): string =>
  `${row.status}\n${row.outcome}\n${row.errorClass}\n${row.servedModel}\n${row.modelId}\n${row.cacheHit}\n${
    row.guardrails?.join('\u0001') ?? ''
  }\n${row.attempts.map(attemptKey).join('\u0002')}`;

/**
 * Starts a window over what a store was asked for: one environment, starts in `[from, to)` (epoch milliseconds).
 */
export function createWindow(asked: {
  readonly environment: string;
  readonly from: number;
  readonly to: number;
}): WindowBuilder {
  let capacity = FIRST_CAPACITY;
  let length = 0;
  let startTime = new Float64Array(capacity);
  let durationMs = new Float32Array(capacity);
  let shape = new Uint32Array(capacity);
  let result = new Uint32Array(capacity);
  let message = new Int32Array(capacity);
  const shapes = new Numbered<RequestShape>();
  const results = new Numbered<RequestResult>();
  const messages = new Numbered<string>();
  let inOrder = true;

  function grow(): void {
    capacity *= 2;
    const larger = <Column extends Float64Array | Float32Array | Uint32Array | Int32Array>(
      from: Column,
      to: Column,
    ): Column => {
      to.set(from);
      return to;
    };
    startTime = larger(startTime, new Float64Array(capacity));
    durationMs = larger(durationMs, new Float32Array(capacity));
    shape = larger(shape, new Uint32Array(capacity));
    result = larger(result, new Uint32Array(capacity));
    message = larger(message, new Int32Array(capacity));
  }

  function messageNumber(text: string | undefined): number {
    if (text === undefined) return -1;
    const kept = text.slice(0, MAX_MESSAGE_LENGTH);
    if (messages.values.length >= MAX_MESSAGES) return messages.find(kept) ?? -1;
    return messages.of(kept, () => kept);
  }

  function add(row: RequestRow): void {
    if (length === capacity) grow();
    if (length > 0 && row.startTime < (startTime[length - 1] ?? 0)) inOrder = false;
    startTime[length] = row.startTime;
    durationMs[length] = row.durationMs;
    shape[length] = shapes.of(shapeKey(row), () => shapeOf(row));
    result[length] = results.of(resultKey(row), () => resultOf(row));
    message[length] = messageNumber(row.errorMessage);
    length++;
  }

  function build(): RequestWindow {
    const order = Uint32Array.from({ length }, (_, index) => index);
    if (!inOrder) order.sort((a, b) => (startTime[a] ?? 0) - (startTime[b] ?? 0) || a - b);
    const sorted = <Column extends Float64Array | Float32Array | Uint32Array | Int32Array>(
      from: Column,
      to: Column,
    ): Column => {
      if (inOrder) to.set(from.subarray(0, length));
      else for (let place = 0; place < length; place++) to[place] = from[order[place] ?? 0] ?? 0;
      return to;
    };
    return {
      ...asked,
      length,
      startTime: sorted(startTime, new Float64Array(length)),
      durationMs: sorted(durationMs, new Float32Array(length)),
      shape: sorted(shape, new Uint32Array(length)),
      result: sorted(result, new Uint32Array(length)),
      message: sorted(message, new Int32Array(length)),
      shapes: shapes.values,
      results: results.values,
      messages: messages.values,
    };
  }

  return { add, build };
}
