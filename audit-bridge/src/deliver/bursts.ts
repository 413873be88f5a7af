import type { ConfigChange } from '@aisix-observability/evidence';

/** A change joins a marker whose nearest change is at most so far away: one person's one piece of work. */
export const BURST_GAP_MILLIS = 10_000;

/** From the first to the last change of a marker: a region that is longer says nothing about when. */
export const BURST_SPAN_MILLIS = 120_000;

/** What decides which marker a change belongs to. */
export interface PlacedChange {
  readonly id: string;
  readonly environment: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Absent where not known. */
  readonly actor?: string;
}

/** What is drawn of one change or of several in a row. Its id, once given, stays. */
export interface Burst {
  readonly id: string;
  readonly environment: string | null;
  /** First and last change, epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  /** Those who are known. More than one only where somebody became known after it was drawn. */
  readonly actors: readonly string[];
}

/** The part of a change that places it. */
export function placedChange({ id, environment, occurredAt, actor }: ConfigChange): PlacedChange {
  const key = actor === undefined ? undefined : JSON.stringify([actor.type, actor.id ?? actor.name ?? '']);
  // Annotations are kept in whole milliseconds.
  return { id, environment, at: Math.round(occurredAt), ...(key !== undefined && { actor: key }) };
}

/** Whether a change may join a burst. Joining never splits or merges what is drawn, it only makes it longer. */
export function fitsBurst(burst: Burst, change: PlacedChange): boolean {
  const { at, actor } = change;
  return (
    burst.environment === change.environment &&
    distance(burst, at) <= BURST_GAP_MILLIS &&
    Math.max(burst.end, at) - Math.min(burst.start, at) <= BURST_SPAN_MILLIS &&
    (actor === undefined || burst.actors.every((known) => known === actor))
  );
}

/** The drawn burst that a change joins: of those that it fits the nearest, then the earlier one. Undefined: its own. */
export function burstFor(bursts: readonly Burst[], change: PlacedChange): Burst | undefined {
  let best: Burst | undefined;
  for (const burst of bursts) {
    if (!fitsBurst(burst, change)) continue;
    const order =
      best === undefined
        ? -1
        : distance(burst, change.at) - distance(best, change.at) ||
          burst.start - best.start ||
          (burst.id < best.id ? -1 : 1);
    if (order < 0) best = burst;
  }
  return best;
}

/** The burst with one change more. */
export function joined(burst: Burst, { at, actor }: PlacedChange): Burst {
  const known = actor === undefined || burst.actors.includes(actor);
  return {
    ...burst,
    start: Math.min(burst.start, at),
    end: Math.max(burst.end, at),
    actors: known ? burst.actors : [...burst.actors, actor],
  };
}

function distance({ start, end }: Burst, at: number): number {
  return Math.max(start - at, at - end, 0);
}
