import { anyJson } from '../redact/keyedHash.ts';
import type { Redactor } from '../redact/redactor.ts';
import { isRecord } from '../redact/redactValue.ts';

/** One resource as a source holds it, in clear: lives only as long as one look at the source. */
export interface SourceEntry {
  /** As in the gateway's store: plural, or as the source names it. */
  readonly kind: string;
  readonly id: string;
  /** Parsed JSON; the text itself where it is none. */
  readonly document: unknown;
  /** etcd revision of the value, where the source has one. */
  readonly revision?: number;
}

/** The last good value of a resource whose newest was refused: this one is in force. */
export interface StaleEntry extends SourceEntry {
  /** Epoch milliseconds since when the newest value is refused. */
  readonly since?: number;
}

/** All that a source held at one look. */
export interface SourceLook {
  /** When the source came to hold this, as well as it is known: written at, else seen at. Epoch milliseconds. */
  readonly at: number;
  /** When the look began: what came later may not be in it. */
  readonly begunAt: number;
  /** When the look ended. */
  readonly observedAt: number;
  readonly entries: readonly SourceEntry[];
  /** Absent for sources that do not know what is in force. */
  readonly stale?: readonly StaleEntry[];
  /** Nobody watched between the last look and this one. */
  readonly late: boolean;
}

/** A value as it may be remembered: nothing in it is secret, and yet any two values can be told apart. */
export interface Held {
  /** Keyed digest of the whole value. */
  readonly digest: string;
  /** Keyed digests of its fields, by their JSON pointers: some differences do not show in the redacted value. */
  readonly fields: Readonly<Record<string, string>>;
  readonly revision?: number;
  readonly name?: string;
  /** Redacted. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** What is known of one resource of a source. Without `desired` only a data plane still serves it. */
export interface HeldResource {
  /** Singular. */
  readonly kind: string;
  readonly id: string;
  readonly desired?: Held;
  readonly stale?: Held & { readonly since?: number };
}

/** What a watcher remembers of its source between two looks and over restarts. */
export interface SourceState {
  readonly version: 1;
  /** First look, epoch milliseconds. */
  readonly since: number;
  /** How many looks found something new: tells a value that came back from the one that was there before. */
  readonly generation: number;
  /** Beginning of the last look that found this state. */
  readonly seenAt: number;
  readonly resources: Readonly<Record<string, HeldResource>>;
}

/** Digits kept of a digest: 96 bits, so that no two values ever share them by chance. */
const DIGEST_DIGITS = 24;

/** The value as it is remembered. */
export function heldValue(kind: string, { document, revision }: SourceEntry, redactor: Redactor): Held {
  const { value, name, known } = redactor.redactResource(kind, document);
  return {
    digest: digestOf(document, redactor),
    fields: fieldDigests(kind, document, known ? undefined : value, redactor),
    ...(revision === undefined ? {} : { revision }),
    ...(name === undefined ? {} : { name }),
    value,
  };
}

/** `only`: of a kind without rules no other field may even be named. */
function fieldDigests(
  kind: string,
  document: unknown,
  only: Readonly<Record<string, unknown>> | undefined,
  redactor: Redactor,
): Readonly<Record<string, string>> {
  if (!isRecord(document)) return {};
  const fields: Record<string, string> = {};
  for (const [key, value] of Object.entries(document)) {
    if (only !== undefined && !Object.hasOwn(only, key)) continue;
    const { path } = redactor.changedPath(kind, { path: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` });
    fields[path] = digestOf(value, redactor);
  }
  return fields;
}

/** Of texts as they are, so that its beginning is what a redacted value shows. */
function digestOf(value: unknown, redactor: Redactor): string {
  return redactor.digest(typeof value === 'string' ? value : anyJson(value)).slice(0, DIGEST_DIGITS);
}
