import type { Marker as DrawnMarker, FeedGap, MarkerPlace } from '@aisix-observability/audit-bridge';
import type { Gap, Marker } from '../api/contract/answers.ts';
import type { MarkerSource } from '../api/routes/markers.ts';
import type { ChangeReader } from './auditThread.ts';

/** What stands for kind and action where the changes of a marker differ in it. */
export const SEVERAL = 'several';

/** Markers for viewers: what changed by kind and action, never whose resource, by whom, or how. */
export function markerSource(changes: Pick<ChangeReader, 'markers' | 'gaps'>): MarkerSource {
  return {
    async search({ after, ...query }, signal) {
      const place = after === undefined ? undefined : placeOf(after);
      const [found, gaps] = await Promise.all([
        changes.markers({ ...query, limit: query.limit + 1, ...(place === undefined ? {} : { after: place }) }, signal),
        changes.gaps(query, signal),
      ]);
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        markers: page.map(neutral),
        gaps: gaps.map(shownGap),
        ...(found.length > page.length && last !== undefined ? { next: `${last.end}.${last.id}` } : {}),
      };
    },
  };
}

/** Written field by field: what is not named here does not go out. */
function neutral({ id, start, end, kinds, actions, count, environment }: DrawnMarker): Marker {
  return {
    id,
    time: start,
    ...(end > start ? { timeEnd: end } : {}),
    kind: onlyOne(kinds),
    action: onlyOne(actions),
    count,
    ...(environment === null ? {} : { environment }),
  };
}

export function shownGap({ feed, environment, from, to }: FeedGap): Gap {
  return {
    feed: feed.name,
    ...(environment === null ? {} : { environment }),
    from,
    ...(to === undefined ? {} : { to }),
  };
}

function onlyOne(words: readonly string[]): string {
  const [first] = words;
  return words.length === 1 && first !== undefined ? first : SEVERAL;
}

function placeOf(text: string): MarkerPlace | undefined {
  const [, end, id] = /^(-?\d{1,16})\.([0-9a-f]{1,64})$/.exec(text) ?? [];
  return end === undefined || id === undefined ? undefined : { end: Number(end), id };
}
