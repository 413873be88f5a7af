import { z } from 'zod';
import type { Annotation, AnnotationDriver, Outcome, StoredAnnotation } from './annotationDriver.ts';
import type { GrafanaCall, GrafanaClient } from './grafanaClient.ts';
import { SEARCH_LIMIT } from './limits.ts';

/** Before 2001-09-09 in milliseconds; what is smaller is seconds by mistake, which Grafana takes for 1970. */
const EARLIEST_TIME = 1_000_000_000_000;

const item = z.object({
  id: z.number(),
  time: z.number(),
  timeEnd: z.number().optional(),
  text: z.string().optional(),
  tags: z.array(z.string()).nullish(),
});
const created = z.object({ id: z.number() });
const organization = z.object({ id: z.number() });

/**
 * Annotations of a whole organization by `/api/annotations`, as Grafana 8 to 13 have it. It knows no idempotency, no
 * paging and no conditional writes; and `DELETE /api/annotations/0` deletes everything, so no id below 1 ever gets in
 * or out here.
 */
export function createGrafanaDriver(client: GrafanaClient): AnnotationDriver {
  const ofOne = (method: GrafanaCall['method'], permission: string, id: string, body?: unknown): GrafanaCall => ({
    method,
    path: `/api/annotations/${wholeId(id)}`,
    permission,
    ofOne: true,
    ...(body !== undefined && { body }),
  });

  return {
    async create(annotation, signal) {
      if (isImpossible(annotation)) return IMPOSSIBLE;
      const body = bodyOf(annotation);
      const call = {
        method: 'POST',
        path: '/api/annotations',
        permission: 'annotations:create',
        ofOne: false,
      } as const;
      return read(await client({ ...call, body }, signal), created, ({ id }) => idText(id));
    },
    async update(id, annotation, signal) {
      if (isImpossible(annotation)) return IMPOSSIBLE;
      // Both times: with `time` alone a point becomes a region (facts of Grafana 12.4).
      const outcome = await client(ofOne('PATCH', 'annotations:write', id, bodyOf(annotation)), signal);
      return nothing(outcome);
    },
    async read(id, signal) {
      const outcome = await client(ofOne('GET', 'annotations:read', id), signal);
      return read(outcome, item, stored);
    },
    async remove(id, signal) {
      return nothing(await client(ofOne('DELETE', 'annotations:delete', id), signal));
    },
    async find(tags, signal) {
      const query = new URLSearchParams([
        ...[...new Set(tags)].map((tag): [string, string] => ['tags', tag]),
        ['type', 'annotation'],
        ['limit', String(SEARCH_LIMIT)],
      ]);
      const path = `/api/annotations?${query}`;
      const outcome = await client({ method: 'GET', path, permission: 'annotations:read', ofOne: false }, signal);
      return read(outcome, z.array(item), (items) => {
        const found = items.map(stored);
        return found.every((one) => one !== undefined)
          ? found.filter((one) => tags.every((tag) => one.tags.includes(tag)))
          : undefined;
      });
    },
    async organization(signal) {
      const outcome = await client({ method: 'GET', path: '/api/org', permission: 'orgs:read', ofOne: false }, signal);
      // Not being allowed to ask is no fault: it only cannot be checked.
      if (outcome.kind === 'blocked' && outcome.message.startsWith('403')) return { kind: 'done', value: undefined };
      return read(outcome, organization, ({ id }) => id);
    },
  };
}

/** @throws RangeError for what is no annotation of Grafana's, above all 0 and below. */
function wholeId(id: string): number {
  const number = Number(id);
  if (!isId(number) || String(number) !== id) throw new RangeError('an annotation id is a whole number above 0');
  return number;
}

function isId(id: number): boolean {
  return Number.isSafeInteger(id) && id > 0;
}

function idText(id: number): string | undefined {
  return isId(id) ? String(id) : undefined;
}

/** What Grafana would take, and store as something else. */
function isImpossible({ time, timeEnd, text }: Annotation): boolean {
  const whole = Number.isSafeInteger(time) && Number.isSafeInteger(timeEnd);
  return !whole || time < EARLIEST_TIME || timeEnd < time || text === '';
}

const IMPOSSIBLE: Outcome<never> = {
  kind: 'refused',
  reason: 'contents',
  message: 'not sent: expected times after 2001-09-09 in whole milliseconds, the end not before the start, and a text',
};

function bodyOf({ time, timeEnd, text, tags }: Annotation) {
  return { time, timeEnd, text, tags };
}

function stored({ id, time, timeEnd, text, tags }: z.infer<typeof item>): StoredAnnotation | undefined {
  const known = idText(id);
  if (known === undefined) return undefined;
  return { id: known, time, timeEnd: timeEnd ?? time, text: text ?? '', tags: tags ?? [] };
}

function nothing(outcome: Outcome<unknown>): Outcome<null> {
  return outcome.kind === 'done' ? { kind: 'done', value: null } : outcome;
}

/** An answer that makes no sense is a lost one: what it answered may have been done. */
function read<In, Out>(
  outcome: Outcome<unknown>,
  schema: z.ZodType<In>,
  take: (value: In) => Out | undefined,
): Outcome<Out> {
  if (outcome.kind !== 'done') return outcome;
  const parsed = schema.safeParse(outcome.value);
  const value = parsed.success ? take(parsed.data) : undefined;
  if (value === undefined) return { kind: 'failed', written: 'unknown', message: 'the answer is none of Grafana' };
  return { kind: 'done', value };
}
