import type { EvidenceStore } from '@aisix-observability/evidence';
import type { Log } from '@aisix-observability/pipeline';
import type { PathRefills, RefillJob, TelemetryPath } from './ingest/pathContract.ts';

/** Requests of one page: some 2 MB of memory and disk, and a handful of requests to a backend. */
const PAGE_REQUESTS = 1_000;

export interface ResenderOptions {
  readonly path: Pick<TelemetryPath, 'resend'> & { readonly refills: PathRefills };
  readonly store: Pick<EvidenceStore, 'read'>;
  readonly log: Log;
}

export interface Resender {
  resend: TelemetryPath['resend'];
  /** Goes on with what a restart interrupted. */
  goOn(): Promise<void>;
}

/**
 * Sends a range again: what the stream of requests no longer holds from the store, the rest from the stream. One range
 * after the other, since one page at a time is all that lies on disk for it.
 */
export function createResender({ path, store, log }: ResenderOptions): Resender {
  let last: Promise<unknown> = Promise.resolve();

  const refill = async (job: RefillJob): Promise<{ rows: number; items: number }> => {
    const sum = { rows: 0, items: 0 };
    const send = async (requests: readonly string[], done: number) => {
      const { rows, items } = await path.refills.page(job, { requests, done });
      sum.rows += rows;
      sum.items += items;
    };
    const plan = await path.refills.plan(job);
    if (plan.done > 0) await send([], plan.done);
    for (const { from, to, upTo, ...segment } of plan.segments) {
      let { after } = segment;
      while (after < upTo) {
        const place = after > 0 ? { after: String(after) } : {};
        const { requests, next } = await store.read({ from, to, upTo, ...place, limit: PAGE_REQUESTS });
        after = next === undefined ? upTo : Number(next);
        await send(requests, after);
      }
    }
    await path.refills.end(job, plan);
    return sum;
  };

  const add = (job: RefillJob): Promise<{ rows: number; items: number }> => {
    const mine = last.then(async () => {
      const refilled = await refill(job);
      const sent = await path.resend(job.destination, job);
      return { rows: refilled.rows + sent.rows, items: refilled.items + sent.items };
    });
    last = mine.catch(() => {});
    return mine;
  };

  return {
    resend: (destination, { from, to }) => add({ destination, from: Math.floor(from), to: Math.ceil(to) }),
    async goOn() {
      const pending = await path.refills.pending();
      await Promise.all(
        pending.map((job) =>
          add(job).catch((error: unknown) => {
            log('warn', 'what is sent again goes on at the next start', { destination: job.destination, error });
          }),
        ),
      );
    },
  };
}
