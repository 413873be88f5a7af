import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestVersion } from '@aisix-observability/evidence';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { report, thousands } from '../result.ts';
import { generatedRequests } from './generatedRequests.ts';

const DAY = 86_400_000;
/** As many as the server's loader gives at once while it is behind. */
const BATCH = 20_000;
/** Ids that are kept to be asked for. */
const SAMPLES = 50;

export interface FillOptions {
  /** Root of the data directory. */
  readonly root: string;
  readonly requests: number;
  readonly days: number;
}

/** What lies in a directory. */
export interface Filled {
  readonly requests: number;
  /** Epoch milliseconds of the end of all that was generated. */
  readonly end: number;
  readonly samples: readonly string[];
  readonly whole: boolean;
}

/** Fills the store of a directory once; a fill that was interrupted goes on where it stood. */
export async function fill({ root, requests, days }: FillOptions): Promise<Filled> {
  mkdirSync(root, { recursive: true });
  const note = join(root, 'filled.json');
  const known = existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as Filled) : undefined;
  if (known?.whole === true) {
    if (known.requests !== requests) throw new Error(`${root} holds ${known.requests} requests, not ${requests}`);
    return known;
  }
  const end = known?.end ?? Date.now();
  writeFileSync(note, JSON.stringify({ requests, end, samples: [], whole: false } satisfies Filled));
  const hash = (text: string) => createHmac('sha256', 'bench').update(text).digest('hex').slice(0, 12);
  const store = await openDuckDbStore({ directory: join(root, 'store'), hash });
  const held = store.position();
  const samples: string[] = [];
  let waiting: RequestVersion[] = [];
  let seq = 0;
  let inStore = 0;
  const flush = async () => {
    const before = performance.now();
    await store.apply(waiting, seq);
    inStore += performance.now() - before;
    waiting = [];
  };
  for (const request of generatedRequests(requests, end - days * DAY, end)) {
    seq += 1;
    if (seq > held) waiting.push({ seq, json: JSON.stringify(request) });
    if (seq % Math.ceil(requests / SAMPLES) === 0) samples.push(request.requestId);
    if (waiting.length < BATCH) continue;
    await flush();
    if (seq % (BATCH * 50) === 0) process.stdout.write(`  ${thousands(seq)} of ${thousands(requests)} in the store\n`);
  }
  if (waiting.length > 0) await flush();
  if (seq > held) {
    report({
      what: `filling the store, ${thousands(seq - held)} requests`,
      measured: `${thousands((seq - held) / (inStore / 1000))} requests/s`,
      goal: '',
    });
  }
  await store.settle();
  await store.close();
  const filled = { requests, end, samples, whole: true };
  writeFileSync(note, JSON.stringify(filled));
  return filled;
}
