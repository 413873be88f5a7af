/** An annotation as Grafana keeps it. */
export interface KeptAnnotation {
  readonly id: number;
  readonly time: number;
  readonly timeEnd: number;
  readonly text: string;
  readonly tags: readonly string[];
}

export interface AnnotationBody {
  readonly time?: number;
  readonly timeEnd?: number;
  readonly text?: string;
  readonly tags?: readonly string[];
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** `[annotations] tags_length`, as it is unless configured. */
const TAGS_LENGTH = 500;
const DEFAULT_LIMIT = 100;

const SAVE_FAILED: Answered = { status: 400, body: { message: 'Failed to save annotation' } };
const NOT_FOUND: Answered = { status: 404, body: { message: 'Annotation not found' } };

export interface GrafanaStoreOptions {
  readonly tagsLength?: number;
  /** Stores whole seconds, as something in between might. */
  readonly wholeSeconds?: boolean;
}

/**
 * Annotations of one organization with all that Grafana 12.4 does to them silently: no idempotency, seconds taken for
 * milliseconds of 1970, reversed times swapped, tags cut at their second colon, a lone `time` that makes a region, and
 * `DELETE 0` that deletes everything.
 */
export function createGrafanaStore(options: GrafanaStoreOptions = {}) {
  const kept = new Map<number, KeptAnnotation>();
  let lastId = 0;

  const keep = (id: number, time: number, timeEnd: number, text: string, tags: readonly string[]): void => {
    const [start, end] = time > timeEnd ? [timeEnd, time] : [time, timeEnd];
    const whole = (millis: number) => (options.wholeSeconds === true ? Math.floor(millis / 1_000) * 1_000 : millis);
    kept.set(id, { id, time: whole(start), timeEnd: whole(end), text, tags });
  };
  const tooLong = (tags: readonly string[]): Answered | undefined =>
    estimatedLength(tags) <= (options.tagsLength ?? TAGS_LENGTH)
      ? undefined
      : {
          status: 400,
          body: { message: 'Tags length exceeds the maximum', messageId: 'annotations.tag-limit-exceeded' },
        };

  return {
    kept: kept as ReadonlyMap<number, KeptAnnotation>,
    create({ time = 0, timeEnd = 0, text = '', tags = [] }: AnnotationBody, now: number): Answered {
      if (text === '') return SAVE_FAILED;
      const refused = tooLong(tags);
      if (refused !== undefined) return refused;
      lastId += 1;
      const start = time === 0 ? now : time;
      keep(lastId, start, timeEnd === 0 ? start : timeEnd, text, parsedTags(tags));
      return { status: 200, body: { message: 'Annotation added', id: lastId } };
    },
    patch(id: number, { time, timeEnd, text, tags }: AnnotationBody): Answered {
      const before = kept.get(id);
      if (before === undefined) return NOT_FOUND;
      const refused = tooLong(tags ?? []);
      if (refused !== undefined) return refused;
      keep(
        id,
        time !== undefined && time > 0 ? time : before.time,
        timeEnd !== undefined && timeEnd > 0 ? timeEnd : before.timeEnd,
        text === undefined || text === '' ? before.text : text,
        tags === undefined ? before.tags : parsedTags(tags),
      );
      return { status: 200, body: { message: 'Annotation patched' } };
    },
    read(id: number): Answered {
      const found = kept.get(id);
      return found === undefined ? NOT_FOUND : { status: 200, body: item(found) };
    },
    remove(id: number): Answered {
      if (id === 0) kept.clear();
      else if (!kept.delete(id)) return NOT_FOUND;
      return { status: 200, body: { message: 'Annotation deleted' } };
    },
    search(query: URLSearchParams): Answered {
      const [from, to] = [Number(query.get('from') ?? 0), Number(query.get('to') ?? 0)];
      const asked = query.getAll('tags');
      const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
      const found = [...kept.values()]
        .filter(({ time, timeEnd }) => from <= 0 || to <= 0 || (time <= to && timeEnd >= from))
        .filter(({ tags }) => hasTags(tags, asked, query.get('matchAny') === 'true'))
        .toSorted((a, b) => b.timeEnd - a.timeEnd || b.time - a.time || b.id - a.id)
        .slice(0, limit);
      return { status: 200, body: found.map(item) };
    },
    tags(): Answered {
      const counts = new Map<string, number>();
      for (const { tags } of kept.values()) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      return { status: 200, body: { result: { tags: [...counts].map(([tag, count]) => ({ tag, count })) } } };
    },
  };
}

export type GrafanaStore = ReturnType<typeof createGrafanaStore>;

function item({ id, time, timeEnd, text, tags }: KeptAnnotation) {
  return { id, alertId: 0, dashboardId: 0, userId: 1, login: 'sa-bridge', email: '', time, timeEnd, text, tags };
}

/** Bytes with quotes and commas, without escapes. */
function estimatedLength(tags: readonly string[]): number {
  return tags.reduce((sum, tag, index) => sum + Buffer.byteLength(tag) + (index === 0 ? 2 : 3), 2);
}

/** Key and value of the first colon; what follows a second one is lost. Spaces trimmed, repeats dropped. */
function parsedTags(tags: readonly string[]): string[] {
  const pairs = tags
    .map((tag) =>
      tag
        .trim()
        .split(':')
        .slice(0, 2)
        .map((part) => part.trim())
        .join(':'),
    )
    .filter((tag) => tag !== '');
  return [...new Set(pairs)];
}

/** All asked: as many matching tags as were asked for, so that a tag asked twice is never found. */
function hasTags(tags: readonly string[], asked: readonly string[], any: boolean): boolean {
  if (asked.length === 0) return true;
  const matching = tags.filter((tag) => asked.some((one) => tag === one || tag.startsWith(`${one}:`))).length;
  return any ? matching > 0 : matching === asked.length;
}
