import { destinationCursor, type Gap, type Stream, type StreamFile } from '@aisix-observability/pipeline';
import type { RefillJob, RefillPlan, RefillSegment } from '../ingest/pathContract.ts';
import type { OpenDestination } from './destinations.ts';
import { UnknownDestinationError } from './errors.ts';

/** Cursor: rows up to here were trimmed before the store that there is now could read them. */
const STORE_MISSED = 'store:missed';

/** Cursors of refills that are under way: `refill:<destination>:<from>:<to>`, at the position that is done. */
const JOB_PREFIX = 'refill:';

/** Requests may start at any time that a clock ever said. */
const ALWAYS = { from: 0, to: Date.UTC(9999, 11, 31) } as const;

export interface RefillsOptions {
  readonly file: StreamFile;
  readonly requests: Stream;
  /** Holds one page of one refill at a time. */
  readonly refill: Stream;
  readonly destinations: readonly OpenDestination[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What is older may have left the store. */
  readonly keepMillis: number;
}

/**
 * Sends to a destination what the stream of requests no longer holds. Whoever reads the store hands it over page by
 * page; each page is on disk with the place that it leads to before it is sent, so that a restart neither loses nor
 * skips one.
 */
export interface Refills {
  /** Where the store stands at the start. */
  storeAt(position: number): void;
  /** What to read of the store for this range, after what is done already. */
  plan(job: RefillJob): RefillPlan;
  /** Sends one page; `done` is the position that it leads to. */
  page(job: RefillJob, page: { readonly requests: readonly string[]; readonly done: number }): Promise<Sent>;
  /** All pages of the plan are sent: gaps, or their parts, that they covered are closed. */
  end(job: RefillJob, plan: Pick<RefillPlan, 'heldFrom'>): void;
  /** What a restart interrupted. */
  pending(): readonly RefillJob[];
}

interface Sent {
  readonly rows: number;
  readonly items: number;
}

export function createRefills({ file, requests, refill, destinations, now, keepMillis }: RefillsOptions): Refills {
  const { cursors } = file;
  const keyOf = ({ destination, from, to }: RefillJob) => `${JOB_PREFIX}${destination}:${from}:${to}`;
  const heldFrom = () => Math.max(requests.stats().firstSeq, 1);
  const find = (name: string) => {
    const found = destinations.find(({ destination }) => destination.name === name);
    if (found === undefined) throw new UnknownDestinationError(destinations.map((one) => one.destination.name));
    return found.destination;
  };
  /** Gaps that lie in the range and have lost rows to trimming. */
  const gapsOf = ({ destination, from, to }: RefillJob, held: number): Gap[] =>
    cursors
      .gaps(destinationCursor(destination))
      .filter((gap) => gap.from >= from && gap.to <= to && gap.fromSeq < held)
      .toSorted((a, b) => a.fromSeq - b.fromSeq);

  return {
    storeAt(position) {
      const { firstSeq, lastSeq } = requests.stats();
      if (position < firstSeq - 1 || position > lastSeq) cursors.set(STORE_MISSED, Math.max(firstSeq - 1, 0));
    },

    plan(job) {
      find(job.destination);
      const held = heldFrom();
      const done = cursors.get(keyOf(job)) ?? 0;
      // Of a gap everything, whenever it started: a gap is told by when its requests were known here.
      const within = { from: job.from, to: job.to + 1 };
      const segments: RefillSegment[] = [];
      let after = 0;
      for (const gap of gapsOf(job, held)) {
        segments.push({ ...within, after, upTo: gap.fromSeq - 1 });
        segments.push({ ...ALWAYS, after: gap.fromSeq - 1, upTo: Math.min(gap.toSeq, held - 1) });
        after = gap.toSeq;
      }
      segments.push({ ...within, after, upTo: held - 1 });
      return {
        heldFrom: held,
        done,
        segments: segments
          .map((segment) => ({ ...segment, after: Math.max(segment.after, done) }))
          .filter((segment) => segment.upTo > segment.after),
      };
    },

    async page(job, page) {
      const destination = find(job.destination);
      file.transact(() => {
        const at = Math.max(job.from, 0);
        refill.appendNow(page.requests.map((payload) => ({ payload, at })));
        cursors.set(keyOf(job), page.done);
      });
      return refill.stats().rows === 0 ? { rows: 0, items: 0 } : destination.refill(job);
    },

    end(job, { heldFrom: held }) {
      const missed = cursors.get(STORE_MISSED) ?? 0;
      file.transact(() => {
        for (const gap of gapsOf(job, held)) {
          if (gap.fromSeq <= missed || gap.from < now() - keepMillis) continue;
          cursors.removeGap(gap);
          // The rest is in the stream, and closed when that is sent.
          if (gap.toSeq < held) continue;
          const from = requests.read(held - 1, { rows: 1, bytes: 1 })[0]?.at ?? gap.to;
          cursors.addGap({ ...gap, fromSeq: held, from, rows: Math.min(gap.rows, gap.toSeq - held + 1) });
        }
        cursors.delete(keyOf(job));
      });
    },

    pending() {
      const jobs: RefillJob[] = [];
      for (const key of cursors.all().keys()) {
        if (!key.startsWith(JOB_PREFIX)) continue;
        const [destination = '', from, to] = key.slice(JOB_PREFIX.length).split(':');
        if (destinations.some((one) => one.destination.name === destination)) {
          jobs.push({ destination, from: Number(from), to: Number(to) });
        } else cursors.delete(key);
      }
      return jobs;
    },
  };
}
