import type { GatewayRequest } from '@aisix-observability/evidence';
import type { Recorder } from '@aisix-observability/pipeline';

/** Enough for a steady median, few enough to follow a change within seconds. */
const REMEMBERED = 128;

/** Older than this when assembled: an archive or an outage, which would drown what is live. */
const LIVE_MILLIS = 10 * 60_000;

/** How long after its end a request is known: assembled here, and acknowledged by each destination. */
export interface Freshness {
  assembled(request: Pick<GatewayRequest, 'endTime' | 'revision'>): void;
  /** `endTimes` of requests that a destination acknowledged just now, epoch milliseconds. */
  delivered(destination: string, endTimes: readonly number[]): void;
  status(): { readonly freshnessSeconds?: number; readonly freshnessByDestination: Readonly<Record<string, number>> };
}

/** Medians of the last requests, in seconds, and histograms of all of them. */
export function createFreshness(recorder: Recorder, now: () => number): Freshness {
  const assembly = new RecentMedian();
  const byDestination = new Map<string, RecentMedian>();
  return {
    assembled({ endTime, revision }) {
      const age = now() - endTime;
      if (revision > 0 || age > LIVE_MILLIS) return;
      assembly.add(age / 1_000);
      recorder.observe('aisix_request_assembled_after_seconds', Math.max(0, age / 1_000));
    },
    delivered(destination, endTimes) {
      let recent = byDestination.get(destination);
      if (recent === undefined) {
        recent = new RecentMedian();
        byDestination.set(destination, recent);
      }
      for (const endTime of endTimes) {
        const age = now() - endTime;
        if (age > LIVE_MILLIS) continue;
        recent.add(age / 1_000);
        recorder.observe('aisix_request_delivered_after_seconds', Math.max(0, age / 1_000), { destination });
      }
    },
    status() {
      const freshnessSeconds = assembly.value();
      const named = [...byDestination].flatMap(([name, recent]) => {
        const value = recent.value();
        return value === undefined ? [] : [[name, value] as const];
      });
      return {
        ...(freshnessSeconds !== undefined && { freshnessSeconds }),
        freshnessByDestination: Object.fromEntries(named),
      };
    },
  };
}

class RecentMedian {
  readonly #values: number[] = [];
  #next = 0;

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  value(): number | undefined {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }
}
