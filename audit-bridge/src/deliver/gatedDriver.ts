import { backoffMillis, type Gate, type RetryOptions, spread } from '@aisix-observability/pipeline';
import type { AnnotationDriver, Outcome } from './annotationDriver.ts';

export interface GatedDriverOptions {
  readonly driver: AnnotationDriver;
  readonly gate: Gate;
  readonly retry: RetryOptions;
  /** Between tries of a target that somebody has to mend. */
  readonly blockedMillis: number;
  readonly random: () => number;
  readonly on: (outcome: Outcome<unknown>) => void;
}

/** The driver behind a gate: while its backend is in trouble one call at a time tries again, after a wait. */
export function gatedDriver({ driver, gate, retry, blockedMillis, random, on }: GatedDriverOptions): AnnotationDriver {
  async function pass<T>(signal: AbortSignal, call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const ticket = await gate.enter(signal);
    if (ticket === undefined) return { kind: 'aborted' };
    const outcome = await call();
    switch (outcome.kind) {
      case 'failed':
        gate.failed(ticket, 'retrying', (failures) =>
          outcome.retryAfterMillis === undefined
            ? backoffMillis(failures, retry, random)
            : // Never earlier than asked, and not everybody at once.
              outcome.retryAfterMillis + random() * retry.initialMillis,
        );
        break;
      case 'blocked':
        gate.failed(ticket, 'blocked', () => spread(blockedMillis, retry.jitter, random));
        break;
      case 'aborted':
        gate.abandoned(ticket);
        break;
      default:
        gate.passed(ticket);
    }
    on(outcome);
    return outcome;
  }

  return {
    create: (annotation, signal) => pass(signal, () => driver.create(annotation, signal)),
    update: (id, annotation, signal) => pass(signal, () => driver.update(id, annotation, signal)),
    read: (id, signal) => pass(signal, () => driver.read(id, signal)),
    remove: (id, signal) => pass(signal, () => driver.remove(id, signal)),
    find: (tags, signal) => pass(signal, () => driver.find(tags, signal)),
    organization: (signal) => pass(signal, () => driver.organization(signal)),
  };
}
