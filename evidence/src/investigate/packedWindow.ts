import type { RequestShape, RequestWindow } from './model.ts';

/** Who asked. */
export type CallerPart = Pick<RequestShape, 'apiKeyId' | 'apiKeyName'>;
/** How it was asked. */
export type WayPart = Omit<RequestShape, keyof CallerPart | 'requestedModel'>;

/**
 * Shapes by their parts. There are tens of thousands of shapes, since every caller asks for several models, but few of
 * each part; numbers lie in shared memory, objects are copied twice on their way to another thread.
 */
export interface ShapeParts {
  /** By shape: index into `models`, `callers`, and `ways`. */
  readonly model: Uint32Array;
  readonly caller: Uint32Array;
  readonly way: Uint32Array;
  readonly models: readonly (string | undefined)[];
  readonly callers: readonly CallerPart[];
  readonly ways: readonly WayPart[];
}

/** A window on its way between threads. Made by a store, or by `packWindow`; `unpackWindow` gives the window. */
export interface PackedWindow extends Omit<RequestWindow, 'shapes'> {
  readonly shapes: ShapeParts;
}

export function unpackWindow({ shapes: parts, ...window }: PackedWindow): RequestWindow {
  const { model, caller, way, models, callers, ways } = parts;
  const shapes = Array.from(model, (number, shape): RequestShape => {
    const { apiKeyId, apiKeyName } = callers[caller[shape] ?? 0] as CallerPart;
    const own = ways[way[shape] ?? 0] as WayPart;
    return {
      requestedModel: models[number],
      apiKeyId,
      apiKeyName,
      dataPlane: own.dataPlane,
      protocol: own.protocol,
      stream: own.stream,
      mcpServer: own.mcpServer,
      a2aAgent: own.a2aAgent,
      passthroughRoute: own.passthroughRoute,
      jwtProvider: own.jwtProvider,
      jwtClaimMapping: own.jwtClaimMapping,
      reconstructed: own.reconstructed,
    };
  });
  return { ...window, shapes };
}

/** Numbers parts by their text. */
function numbered<Part>(count: number) {
  const parts: Part[] = [];
  const numbers = new Map<string, number>();
  const of = new Uint32Array(new SharedArrayBuffer(count * Uint32Array.BYTES_PER_ELEMENT));
  const put = (shape: number, part: Part): void => {
    // Absent members are left out of the text, and no member is null.
    const key = JSON.stringify(part) ?? '';
    const number = numbers.get(key) ?? parts.push(part) - 1;
    numbers.set(key, number);
    of[shape] = number;
  };
  return { parts, of, put };
}

/** For windows that are made in place. */
export function packWindow({ shapes, ...window }: RequestWindow): PackedWindow {
  const models = numbered<string | undefined>(shapes.length);
  const callers = numbered<CallerPart>(shapes.length);
  const ways = numbered<WayPart>(shapes.length);
  for (const [shape, { requestedModel, apiKeyId, apiKeyName, ...way }] of shapes.entries()) {
    models.put(shape, requestedModel);
    callers.put(shape, { apiKeyId, apiKeyName });
    ways.put(shape, way);
  }
  return {
    ...window,
    shapes: {
      model: models.of,
      caller: callers.of,
      way: ways.of,
      models: models.parts,
      callers: callers.parts,
      ways: ways.parts,
    },
  };
}
