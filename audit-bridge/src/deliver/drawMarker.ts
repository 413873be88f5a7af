import type { Annotation, AnnotationDriver, Outcome, StoredAnnotation } from './annotationDriver.ts';
import { APPLICATION_TAG, eventTag } from './annotationTags.ts';
import { MAX_STEPS } from './limits.ts';
import type { DrawnMarker } from './markerTables.ts';
import type { AnnotationState } from './outbox.ts';

export type DrawEvent = 'created' | 'updated' | 'deleted' | 'adopted' | 'surplus_deleted' | 'not_stored_as_sent';

export interface DrawOptions {
  readonly driver: AnnotationDriver;
  /** As the marker is to be drawn now. */
  readonly content: () => Annotation;
  /** The backend takes fewer characters of tags: makes `content` shorter; false when it cannot be. */
  readonly shorten: () => boolean;
  /** Makes it durable that it is tried to draw it: called before the first time. */
  readonly attempt: () => void;
  readonly on: (event: DrawEvent) => void;
  readonly now: () => number;
  readonly recheckMillis: number;
  readonly signal: AbortSignal;
}

type Trouble = Exclude<Outcome<never>, { kind: 'done' } | { kind: 'missing' }>;

/** How it ended: at the target as wanted, or why not. The state is to be made durable by the caller. */
export type Drawn =
  | { readonly kind: 'done'; readonly state: AnnotationState; readonly storedAsSent: boolean }
  | (Trouble & { readonly state: AnnotationState });

/**
 * Brings one marker and its annotation together, whatever happened before: it reads what is there, and writes the
 * difference. Nothing is created before it is on disk that it was tried, so that a crash, or a lost answer, is followed
 * by a search for the marker's tag. What was written is read back and compared.
 */
export async function drawMarker(marker: DrawnMarker, before: AnnotationState, options: DrawOptions): Promise<Drawn> {
  const { driver, signal, on } = options;
  const tag = eventTag(marker.id);
  let state = before;
  let look = state.recheckAt !== undefined && state.recheckAt <= options.now();
  if (look) state = without(state, 'recheckAt');
  let updated = false;

  const doubt = (): AnnotationState => ({ ...state, recheckAt: options.now() + options.recheckMillis });
  const ended = (trouble: Trouble): Drawn => {
    if (trouble.kind === 'failed' && trouble.written === 'unknown') state = doubt();
    return { ...trouble, state };
  };
  const done = (storedAsSent = true): Drawn => ({ kind: 'done', state, storedAsSent });

  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (state.annotation !== undefined && !look) {
      const id = state.annotation;
      const stored = await driver.read(id, signal);
      if (stored.kind !== 'done' && stored.kind !== 'missing') return readingEnded(stored, state);
      if (stored.kind === 'missing' || !isOurs(stored.value, tag)) {
        // Somebody deleted it, or the backend began anew and gave its id to another one.
        state = { ...without(state, 'annotation'), attempted: true };
        continue;
      }
      if (marker.withdrawn) {
        const removed = await driver.remove(id, signal);
        if (removed.kind !== 'done' && removed.kind !== 'missing') return ended(removed);
        if (removed.kind === 'done') on('deleted');
        state = { ...without(state, 'annotation'), attempted: true };
        continue;
      }
      const wanted = options.content();
      if (isSame(stored.value, wanted)) return done();
      if (updated) {
        on('not_stored_as_sent');
        return done(false);
      }
      const update = await driver.update(id, wanted, signal);
      if (update.kind === 'missing') continue;
      if (update.kind === 'refused' && update.reason === 'tags_too_long' && options.shorten()) continue;
      if (update.kind !== 'done') return ended(update);
      on('updated');
      updated = true;
      continue;
    }

    if (look || state.attempted) {
      look = false;
      const found = await driver.find([APPLICATION_TAG, tag], signal);
      if (found.kind === 'missing') return readingEnded({ kind: 'failed', written: 'no', message: 'no search' }, state);
      if (found.kind !== 'done') return readingEnded(found, state);
      const keep = found.value.find(({ id }) => id === state.annotation)?.id ?? oldest(found.value);
      for (const { id } of found.value) {
        if (id === keep) continue;
        const removed = await driver.remove(id, signal);
        if (removed.kind !== 'done' && removed.kind !== 'missing') return ended(removed);
        on('surplus_deleted');
      }
      if (keep !== undefined) {
        if (keep !== state.annotation) {
          on('adopted');
          state = { ...state, annotation: keep, attempted: true };
        }
        continue;
      }
      // What was tried may still be under way, and come after this look.
      const mayCome = before.annotation === undefined && before.recheckAt === undefined;
      state = without(mayCome ? doubt() : state, 'annotation');
    }
    if (marker.withdrawn) return done();

    if (!state.attempted) options.attempt();
    state = { ...state, attempted: true };
    const created = await driver.create(options.content(), signal);
    if (created.kind === 'missing') return ended({ kind: 'failed', written: 'unknown', message: 'not created' });
    if (created.kind === 'refused' && created.reason === 'tags_too_long' && options.shorten()) continue;
    if (created.kind !== 'done') return ended(created);
    on('created');
    state = { ...state, annotation: created.value };
  }
  return { kind: 'failed', written: 'no', message: 'it does not stay as it was written', state };
}

function readingEnded(trouble: Trouble, state: AnnotationState): Drawn {
  return { ...trouble, state };
}

function isOurs({ tags }: StoredAnnotation, tag: string): boolean {
  return tags.includes(tag) && tags.includes(APPLICATION_TAG);
}

function isSame(stored: StoredAnnotation, wanted: Annotation): boolean {
  return (
    stored.time === wanted.time &&
    stored.timeEnd === wanted.timeEnd &&
    stored.text === wanted.text &&
    stored.tags.length === wanted.tags.length &&
    wanted.tags.every((tag) => stored.tags.includes(tag))
  );
}

/** Ids of a backend grow; of equal length they compare as texts. */
function oldest(found: readonly StoredAnnotation[]): string | undefined {
  return found.map(({ id }) => id).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
}

function without<Key extends 'annotation' | 'recheckAt'>(state: AnnotationState, key: Key): Omit<AnnotationState, Key> {
  const { [key]: _, ...rest } = state;
  return rest;
}
