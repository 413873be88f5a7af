import {
  type AttemptRow,
  outcomeOf,
  type RequestResult,
  type RequestShape,
  type RequestWindow,
} from '@aisix-observability/evidence';
import type { Call, Try } from '../gateway/call.ts';
import type { SimulatedWindow } from '../simulateWindow.ts';
import { keyOfModel, type World } from '../world/world.ts';
import { type Seen, seenOf } from './seen.ts';
import { GUARDRAIL } from './times.ts';

/** Only these rows. */
export interface WindowSelection {
  /** What had arrived by then, milliseconds from the window's start; everything when absent. */
  readonly arrivedBy?: number;
}

/** Every different thing once, by a key that is cheap to make. */
class Interned<Value> {
  readonly values: Value[] = [];
  readonly #numbers = new Map<string | number, number>();

  of(key: string | number, make: () => Value): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.values.length);
    return this.values.push(make()) - 1;
  }
}

/**
 * The columns that the product makes of a window's events. Going through JSON, decoder and assembler gives the same and
 * takes fifty times as long; a test compares the two.
 */
export function requestWindowOf(window: SimulatedWindow, { arrivedBy }: WindowSelection = {}): RequestWindow {
  const { world, calls, delivered, base } = window;
  const capacity = calls.length;
  const start = new Float64Array(capacity);
  const duration = new Float32Array(capacity);
  const shape = new Uint32Array(capacity);
  const result = new Uint32Array(capacity);
  const message = new Int32Array(capacity);
  const shapes = new Interned<RequestShape>();
  const results = new Interned<RequestResult>();
  const messages = new Interned<string>();
  let length = 0;
  for (let index = 0; index < calls.length; index++) {
    const call = calls[index] as Call;
    if (arrivedBy !== undefined && (delivered.arrivedAt[index] ?? 0) > arrivedBy) continue;
    const arrived = delivered.partly.get(index);
    if (arrived?.length === 0) continue;
    const seen = seenOf(call, base, arrived);
    start[length] = seen.start;
    duration[length] = seen.end - seen.start;
    const dataPlane = window.namesDataPlane ? call.dataPlane : -1;
    const shapeKey = ((call.caller * 64 + call.model) * 8 + dataPlane + 1) * 2 + (seen.stream ? 1 : 0);
    shape[length] = shapes.of(shapeKey, () => shapeOf(world, call, dataPlane, seen.stream));
    result[length] = results.of(resultKey(call, seen), () => resultOf(world, call, seen));
    const text = messageOf(seen);
    message[length] = text === undefined ? -1 : messages.of(text, () => text);
    length++;
  }
  const order = inOrder(start, length);
  return {
    environment: world.environment,
    from: base,
    to: arrivedBy === undefined ? window.end : base + arrivedBy,
    length,
    startTime: ordered(start, order, new Float64Array(length)),
    durationMs: ordered(duration, order, new Float32Array(length)),
    shape: ordered(shape, order, new Uint32Array(length)),
    result: ordered(result, order, new Uint32Array(length)),
    message: ordered(message, order, new Int32Array(length)),
    shapes: shapes.values,
    results: results.values,
    messages: messages.values,
  };
}

/** Place of each row in order of start; equal starts keep their order. */
function inOrder(start: Float64Array, length: number): Uint32Array {
  const order = new Uint32Array(length);
  for (let index = 0; index < length; index++) order[index] = index;
  return order.sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0) || a - b);
}

type Column = Float64Array | Float32Array | Uint32Array | Int32Array;

function ordered<Kind extends Column>(from: Kind, order: Uint32Array, to: Kind): Kind {
  for (let place = 0; place < order.length; place++) to[place] = from[order[place] ?? 0] ?? 0;
  return to;
}

function shapeOf(world: World, call: Call, dataPlane: number, stream: boolean): RequestShape {
  return {
    requestedModel: world.models[call.model]?.name,
    apiKeyId: world.callers[call.caller]?.id,
    apiKeyName: undefined,
    dataPlane: world.dataPlanes[dataPlane],
    protocol: 'openai',
    stream,
    mcpServer: undefined,
    a2aAgent: undefined,
    passthroughRoute: undefined,
    jwtProvider: undefined,
    jwtClaimMapping: undefined,
    reconstructed: true,
  };
}

function resultKey(call: Call, { tries }: Seen): string | number {
  const [only] = tries;
  if (call.cacheHit) return call.model;
  // Most requests are answered at the first try.
  if (tries.length === 1 && only !== undefined && only.errorClass === undefined) {
    return 1_000 + ((call.model * 64 + only.model) * 1_000 + only.status) * 2 + (only.kind === 'initial' ? 0 : 1);
  }
  if (call.refused !== undefined) {
    const { status, errorClass, blocked, withoutModel } = call.refused;
    return `${call.model}/${status}/${errorClass}/${blocked}/${withoutModel}`;
  }
  let key = `${call.model}`;
  for (const { model, status, errorClass } of tries) key += `|${model}/${status}/${errorClass ?? ''}`;
  return key;
}

function resultOf(world: World, call: Call, { tries, terminal }: Seen): RequestResult {
  const requested = world.models[call.model];
  const { refused } = call;
  const status = refused?.status ?? terminal?.status ?? 200;
  const errorClass = refused?.errorClass ?? terminal?.errorClass;
  const outcome = outcomeOf({ status, errorClass, guardrailBlocked: refused?.blocked });
  const direct = requested?.kind === 'direct';
  const served = direct || terminal === undefined ? requested?.name : world.models[terminal.model]?.name;
  return {
    status,
    outcome,
    errorClass,
    servedModel: outcome === 'success' ? served : undefined,
    modelId: modelIdOf(world, call, terminal),
    cacheHit: call.cacheHit,
    guardrails: refused?.blocked === true ? [GUARDRAIL] : [],
    attempts: tries.map((item) => attemptOf(world, item)),
  };
}

function modelIdOf(world: World, call: Call, terminal: Try | undefined): string | undefined {
  if (call.refused?.withoutModel === true) return undefined;
  return world.models[terminal?.model ?? call.model]?.id;
}

function attemptOf(world: World, { model, status, errorClass }: Try): AttemptRow {
  return {
    model: world.models[model]?.name,
    modelId: world.models[model]?.id,
    providerKeyLabel: world.providerKeys[keyOfModel(world, model)]?.name,
    status,
    outcome: outcomeOf({ status, errorClass }),
    errorClass,
  };
}

/** The terminal event's, else that of the last attempt that has one. */
function messageOf({ tries, terminal }: Seen): string | undefined {
  if (terminal?.message !== undefined) return terminal.message;
  for (let number = tries.length - 1; number >= 0; number--) {
    const text = tries[number]?.message;
    if (text !== undefined) return text;
  }
  return undefined;
}
