/** An annotation as it is written. */
export interface Annotation {
  /** Epoch milliseconds, whole; the same for a point, never the earlier one second. */
  readonly time: number;
  readonly timeEnd: number;
  /** HTML, never empty. */
  readonly text: string;
  readonly tags: readonly string[];
}

/** An annotation as it was stored. */
export interface StoredAnnotation extends Annotation {
  /** Of the backend; what it looks like is the driver's business. */
  readonly id: string;
}

/** What came of one call. Expected failures are values, never exceptions. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** There is no annotation of that id. */
  | { readonly kind: 'missing' }
  /** These contents can never be stored; trying again does not help. */
  | { readonly kind: 'refused'; readonly reason: 'tags_too_long' | 'contents'; readonly message: string }
  /** An operator has to mend it: credentials, permissions, address. Nothing was written. */
  | { readonly kind: 'blocked'; readonly message: string; readonly hint?: string }
  /** Worth another try. `written: 'unknown'`: it may have been done, or may still be. */
  | {
      readonly kind: 'failed';
      readonly written: 'no' | 'unknown';
      readonly message: string;
      readonly retryAfterMillis?: number;
    }
  /** The caller called it off. */
  | { readonly kind: 'aborted' };

/**
 * One kind of backend that draws annotations. Grafana is replacing its annotation API, so that nothing outside of a
 * driver knows how one is spoken to.
 */
export interface AnnotationDriver {
  create(annotation: Annotation, signal: AbortSignal): Promise<Outcome<string>>;
  /** Writes all of it, both times too. */
  update(id: string, annotation: Annotation, signal: AbortSignal): Promise<Outcome<null>>;
  read(id: string, signal: AbortSignal): Promise<Outcome<StoredAnnotation>>;
  remove(id: string, signal: AbortSignal): Promise<Outcome<null>>;
  /** Those that have all of these tags, at any time. */
  find(tags: readonly string[], signal: AbortSignal): Promise<Outcome<readonly StoredAnnotation[]>>;
  /** Id of the organization to which the credentials belong; undefined where they may not ask. */
  organization(signal: AbortSignal): Promise<Outcome<number | undefined>>;
}
