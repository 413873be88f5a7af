import { stepsOf } from '../redact/changedPaths.ts';

/** A JSON pointer, or several of which the first with a value counts. */
export type FieldPath = string | readonly string[];

/** Where a row of an audit log holds what the wire contract asks for. `id`, `occurredAt` and a kind are needed. */
export interface PolledFields {
  readonly id: FieldPath;
  /** RFC 3339, or seconds or milliseconds since 1970. */
  readonly occurredAt: FieldPath;
  /** A word in which a verb is found (`updated`, `UpdateModel`); absent: it is looked for in `eventType`. */
  readonly action?: FieldPath;
  readonly eventType?: FieldPath;
  /** HTTP method, for the action where no verb is found. */
  readonly method?: FieldPath;
  /** Absent: what `eventType` says beside its verb. */
  readonly kind?: FieldPath;
  readonly resourceId?: FieldPath;
  readonly resourceName?: FieldPath;
  readonly actorType?: FieldPath;
  readonly actorId?: FieldPath;
  readonly actorName?: FieldPath;
  readonly environment?: FieldPath;
  readonly organization?: FieldPath;
  readonly before?: FieldPath;
  readonly after?: FieldPath;
  readonly source?: FieldPath;
  readonly requestId?: FieldPath;
  /** HTTP status: 400 and above is a failure. */
  readonly status?: FieldPath;
  /** Present: a failure. */
  readonly error?: FieldPath;
  readonly revision?: FieldPath;
}

/** The first value that is there and says something; undefined where there is none. */
export function valueAt(value: unknown, path: FieldPath | undefined): unknown {
  if (path === undefined) return undefined;
  for (const pointer of typeof path === 'string' ? [path] : path) {
    const found = follow(value, stepsOf(pointer) ?? []);
    if (found !== undefined && found !== null && found !== '') return found;
  }
  return undefined;
}

function follow(value: unknown, steps: readonly string[]): unknown {
  let at = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}
