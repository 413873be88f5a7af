import type { QueryServer } from './api.ts';

/** How often a thread went without a turn of its event loop, since its start. */
export interface ThreadTurns {
  readonly thread: string;
  /** Of all turns, those that were longer than so many milliseconds, by boundary. */
  readonly longer: ReadonlyMap<number, number>;
}

const SAMPLE = /^aisix_event_loop_turn_seconds_bucket\{([^}]*)\} (\S+)/gm;

export async function eventLoopTurns({ process: server }: QueryServer): Promise<readonly ThreadTurns[]> {
  const upTo = new Map<string, Map<number, number>>();
  for (const [, labels = '', value] of (await server.metrics()).matchAll(SAMPLE)) {
    const thread = /thread="([^"]*)"/.exec(labels)?.[1] ?? '';
    const boundary = Number(/le="([^"]*)"/.exec(labels)?.[1]?.replace('+Inf', 'Infinity')) * 1000;
    const counts = upTo.get(thread) ?? new Map<number, number>();
    upTo.set(thread, counts.set(boundary, Number(value)));
  }
  return [...upTo].map(([thread, counts]) => {
    const all = counts.get(Number.POSITIVE_INFINITY) ?? 0;
    return { thread, longer: new Map([...counts].map(([boundary, count]) => [boundary, all - count])) };
  });
}

/** How many turns since `before` were longer than a boundary, milliseconds. */
export function longerSince(
  before: readonly ThreadTurns[],
  after: readonly ThreadTurns[],
  millis: number,
): readonly { readonly thread: string; readonly turns: number; readonly longestUnder: number }[] {
  return after.map(({ thread, longer }) => {
    const earlier = before.find((one) => one.thread === thread)?.longer;
    const since = (boundary: number) => (longer.get(boundary) ?? 0) - (earlier?.get(boundary) ?? 0);
    const longestUnder = [...longer.keys()].toSorted((a, b) => a - b).find((boundary) => since(boundary) === 0);
    return { thread, turns: since(millis), longestUnder: longestUnder ?? Number.POSITIVE_INFINITY };
  });
}
