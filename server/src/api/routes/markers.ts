import { type ApiDeps, askedBy, askingOf } from '../context.ts';
import { type Gap, type Marker, markersAnswer } from '../contract/answers.ts';
import { markersBody } from '../contract/bodies.ts';
import { type CursorQuery, placeCursor, readPlaceCursor } from '../query/cursor.ts';
import { checkRange } from '../query/range.ts';
import { narrowScope } from '../query/selection.ts';
import type { ApiRouter } from '../router.ts';

export interface MarkersQuery {
  /** Ids. */
  readonly environments: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  /** A place that an earlier answer ended with. */
  readonly after?: string;
}

/** Where markers come from. They are neutral: no actor, no value. */
export interface MarkerSource {
  search(
    query: MarkersQuery,
    signal: AbortSignal,
  ): Promise<{
    readonly markers: readonly Marker[];
    readonly gaps: readonly Gap[];
    /** Short ASCII text that says where to go on. */
    readonly next?: string;
  }>;
}

/** Until changes are received there is nothing to mark. */
export const noMarkers: MarkerSource = { search: async () => ({ markers: [], gaps: [] }) };

export function addMarkersRoute(
  router: ApiRouter,
  { environments, run, sender }: Pick<ApiDeps, 'environments' | 'run' | 'sender'>,
  markers: MarkerSource,
): void {
  router.post(
    {
      path: '/markers/search',
      summary: 'Marks of configuration changes, without actors and values',
      body: markersBody,
      answer: markersAnswer,
      errors: [
        'range_reversed',
        'range_too_long',
        'time_not_millis',
        'environment_unknown',
        'environment_none',
        'cursor_invalid',
        'cursor_mismatch',
        'too_many_queries',
        'query_timeout',
        'store_unavailable',
        'stopping',
      ],
    },
    async ({ from, to, environment, limit, cursor }, c) => {
      sender.checkRoom();
      checkRange({ from, to });
      const scope = narrowScope(environment, askingOf(c.var.reader, environments));
      const bound: CursorQuery = { route: 'markers', scope, filters: [], from, to };
      const query = {
        environments: scope.environments,
        from,
        to,
        limit,
        ...(cursor === undefined ? {} : { after: readPlaceCursor(bound, cursor) }),
      };
      const { next, ...answer } = await run({ ...askedBy(c), name: 'markers', lane: 'light' }, (signal) =>
        markers.search(query, signal),
      );
      const nextCursor = next === undefined ? {} : { nextCursor: placeCursor(bound, next) };
      return sender.json(c, [JSON.stringify({ ...answer, ...nextCursor })]);
    },
  );
}
