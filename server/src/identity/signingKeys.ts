import type { CryptoKey } from 'jose';
import type { PublicKeys } from './fetchKeys.ts';

/** How long keys are used without looking again; Grafana itself lets them be cached for so long. */
export const KEYS_FRESH_MILLIS = 3_600_000;

/**
 * How long keys are used while new ones cannot be had. A day: a network path that breaks in the evening is mended
 * before the timeline is lost, and a key that was withdrawn meanwhile does not hold for longer.
 */
export const KEYS_USABLE_MILLIS = 86_400_000;

/** Least time between two fetches, so that invented key ids and an endpoint that is down cost little. */
export const KEYS_COOL_DOWN_MILLIS = 30_000;

/** `unknown`: the endpoint does not list it. `unavailable`: the endpoint did not answer, so nobody can tell. */
export type KeyAnswer = CryptoKey | 'unknown' | 'unavailable';

export interface SigningKeys {
  key(kid: string): Promise<KeyAnswer>;
}

export interface SigningKeysOptions {
  fetchKeys(): Promise<PublicKeys>;
  /** Milliseconds of a clock that nobody sets. */
  elapsed(): number;
  /** Once for each fetch, with its error if it had one. */
  onFetched(error?: unknown): void;
}

/**
 * Public keys of one Grafana. Fetched when first needed, when they are no longer fresh, and when a token names a key
 * that is not there yet (Grafana makes a new one each month); one fetch at a time, however many wait.
 */
export function createSigningKeys({ fetchKeys, elapsed, onFetched }: SigningKeysOptions): SigningKeys {
  let keys: PublicKeys = new Map();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let running: Promise<void> | undefined;

  const fetchNow = async (): Promise<void> => {
    triedAt = elapsed();
    try {
      keys = await fetchKeys();
      fetchedAt = elapsed();
      failing = false;
      onFetched();
    } catch (error) {
      failing = true;
      onFetched(error);
    }
  };
  /** Nothing while the last try is too recent. */
  const refresh = (): Promise<void> | undefined => {
    if (running === undefined && elapsed() - triedAt >= KEYS_COOL_DOWN_MILLIS) {
      running = fetchNow().finally(() => {
        running = undefined;
      });
    }
    return running;
  };
  const usable = () => elapsed() - fetchedAt < KEYS_USABLE_MILLIS;

  return {
    async key(kid) {
      if (elapsed() - fetchedAt >= KEYS_FRESH_MILLIS) {
        const refreshed = refresh();
        // Of an endpoint that is known to be down only those wait who cannot do without it.
        if (!(failing && usable() && keys.has(kid))) await refreshed;
      }
      if (usable() && !keys.has(kid)) await refresh();
      if (!usable()) return 'unavailable';
      return keys.get(kid) ?? (failing ? 'unavailable' : 'unknown');
    },
  };
}
