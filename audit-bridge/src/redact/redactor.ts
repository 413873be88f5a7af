import type { ChangedPath } from '@aisix-observability/evidence';
import { changedPath, changedPaths, escaped, stepsOf } from './changedPaths.ts';
import { hashedValue, type KeyedHash } from './keyedHash.ts';
import { ruleOfKind, UNKNOWN_KIND_RULE } from './kinds.ts';
import { isOverfull, isRecord, type RedactContext, redactValue, safeKey } from './redactValue.ts';
import { type Rule, ruleAt, secret } from './rule.ts';
import { safeFreeText, safeLabel } from './text.ts';
import { onlyForeseen, unknownChangedPaths, unknownPath } from './unknownKind.ts';
import { safeUrl } from './url.ts';

export interface RedactorOptions {
  /** Under the installation's key, so that every agent and server of it gives equal values equal hashes. */
  readonly hash: KeyedHash;
  /** Hears what the patterns found in values that the rules allow: kind of secret, times. */
  readonly onFound?: (kind: string, times: number) => void;
}

/** A resource's document as it may be stored. */
export interface RedactedResource {
  readonly value: Readonly<Record<string, unknown>>;
  /** `display_name`, else `name`. */
  readonly name?: string;
  /** Whether the kind has rules; of others only name and id are kept. */
  readonly known: boolean;
}

/** Takes secrets out of everything before it is stored, logged or sent. Nothing that it returns holds one. */
export interface Redactor {
  /** `kind` as the gateway's store or as the wire contract names it; any document, also one that is no object. */
  redactResource(kind: string, document: unknown): RedactedResource;
  /** What differs between two documents of a kind; none when either side did not exist. */
  changedPaths(kind: string, before: unknown, after: unknown): ChangedPath[];
  /**
   * A change of one value that a sender told, `path` being a JSON pointer into the resource. Of an unknown kind every
   * path but those of name and id becomes the empty one.
   */
  changedPath(
    kind: string,
    change: { readonly path: string; readonly before?: unknown; readonly after?: unknown },
  ): ChangedPath;
  /** A name, id or word: as it is, or hashed whole. */
  label(text: string): string;
  /** Text for people, without secrets, credentials and queries of URLs; one line, cut. */
  freeText(text: string): string;
  /** Scheme, host and path; hashed when it is no URL. */
  url(text: string): string;
  /** `hmac:<12 hex>`. */
  hashed(value: unknown): string;
  /**
   * Whole keyed digest, for telling values apart that must not be kept. Never shown: equal low-entropy values could be
   * guessed by who has the key.
   */
  digest(text: string): string;
}

/** Longest pointer that is looked at; deeper ones are hashed whole. */
const MAX_POINTER_LENGTH = 1024;

export function createRedactor({ hash, onFound }: RedactorOptions): Redactor {
  /** Runs one redaction and tells what the patterns found in it. */
  function within<T>(work: (context: RedactContext) => T): T {
    const found = new Map<string, number>();
    const result = work({ hash, found });
    if (onFound !== undefined) for (const [kind, times] of found) onFound(kind, times);
    return result;
  }

  function redactResource(kind: string, document: unknown): RedactedResource {
    const rule = ruleOfKind(kind);
    const fields = isRecord(document) ? document : {};
    const kept = rule === undefined || isOverfull(fields) ? onlyForeseen(fields) : fields;
    const value = within((context) => redactValue(kept, rule ?? UNKNOWN_KIND_RULE, context)) as Readonly<
      Record<string, unknown>
    >;
    const name = [value.display_name, value.name].find((one) => typeof one === 'string' && one !== '');
    return { value, ...(typeof name === 'string' ? { name } : {}), known: rule !== undefined };
  }

  return {
    redactResource,
    changedPaths(kind, before, after) {
      if (!isRecord(before) || !isRecord(after)) return [];
      const rule = ruleOfKind(kind);
      return within((context) =>
        rule === undefined ? unknownChangedPaths(before, after, context) : changedPaths(before, after, rule, context),
      );
    },
    changedPath: (kind, { path, before, after }) =>
      within((context) => {
        const steps = path.length > MAX_POINTER_LENGTH ? undefined : stepsOf(path);
        const known = ruleOfKind(kind);
        if (known === undefined) {
          const unknown = unknownPath(steps);
          return changedPath(unknown.path, before, after, unknown.rule, context);
        }
        if (steps === undefined) return changedPath(`/${hashedValue(path, hash)}`, before, after, secret, context);
        let rule: Rule = known;
        let safe = '';
        for (const step of steps) {
          safe += `/${escaped(safeKey(step, rule, context))}`;
          rule = ruleAt(rule, step);
        }
        return changedPath(safe, before, after, steps.length === 0 ? secret : rule, context);
      }),
    label: (text) => within(({ found }) => safeLabel(text, hash, found)),
    freeText: (text) => within(({ found }) => safeFreeText(text, hash, found)),
    url: (text) => within(({ found }) => safeUrl(text, hash, found) ?? hashedValue(text, hash)),
    hashed: (value) => hashedValue(value, hash),
    digest: hash,
  };
}
