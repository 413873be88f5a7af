import { setTimeout as delay } from 'node:timers/promises';

/** Looks again and again until `look` gives something else than undefined or false; says what it waited for if not. */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMillis = 30_000, everyMillis = 50, last }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMillis;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      const seen = last === undefined ? '' : `: ${JSON.stringify(await last())}`;
      throw new Error(`waited ${timeoutMillis} ms in vain for ${what}${seen}`);
    }
    await delay(everyMillis);
  }
}

export interface WaitOptions {
  readonly timeoutMillis?: number;
  readonly everyMillis?: number;
  /** What to show beside the complaint. */
  readonly last?: () => unknown;
}
