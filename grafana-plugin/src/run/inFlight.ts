import { finalize, type Observable, share } from 'rxjs';
import type { RunContext } from './context';

/** Answers that are on their way: who asks the same at the same time, by its key, joins in on the first to ask. */
export function inFlight<Answer>(): (
  context: RunContext,
  key: string,
  answer: Observable<Answer>,
) => Observable<Answer> {
  const asking = new WeakMap<RunContext, Map<string, Observable<Answer>>>();
  return (context, key, answer) => {
    const all = asking.get(context) ?? new Map<string, Observable<Answer>>();
    asking.set(context, all);
    const shared =
      all.get(key) ??
      answer.pipe(
        finalize(() => all.delete(key)),
        share(),
      );
    all.set(key, shared);
    return shared;
  };
}
