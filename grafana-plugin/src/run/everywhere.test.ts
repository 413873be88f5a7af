import { firstValueFrom, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { MAX_ENVIRONMENTS } from '../query/limits';
import { everywhere } from './everywhere';

const NAMES = Array.from({ length: MAX_ENVIRONMENTS }, (_, at) => `env-${at}`);

describe('a route that takes one environment', () => {
  it('is asked for each, a few at a time, so that many panels find room on the server', async () => {
    const open = new Map<string, Subject<string>>();
    let most = 0;
    const ask = ({ environment = '' }: { readonly environment?: string }) =>
      new Observable<string>((observer) => {
        const answer = new Subject<string>();
        open.set(environment, answer);
        most = Math.max(most, open.size);
        return answer.subscribe(observer);
      });
    const answers = firstValueFrom(everywhere(NAMES, ask));
    // The newest question first: answers come in any order.
    for (let newest = [...open].at(-1); newest !== undefined; newest = [...open].at(-1)) {
      const [environment, answer] = newest;
      open.delete(environment);
      answer.next(environment);
      answer.complete();
    }
    expect(await answers).toEqual(NAMES);
    expect(most).toBe(3);
  });

  it('is asked once where none is named, and fails as a whole', async () => {
    expect(await firstValueFrom(everywhere([], (environment) => of(environment)))).toEqual([{}]);
    const ask = ({ environment }: { readonly environment?: string }) =>
      environment === 'env-4' ? throwError(() => new Error('no')) : of(environment);
    await expect(firstValueFrom(everywhere(NAMES, ask))).rejects.toThrow('no');
  });
});
