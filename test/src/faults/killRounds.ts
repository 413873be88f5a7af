import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, type Random } from '../gateway/index.ts';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { startTraffic } from './traffic.ts';

/**
 * When the server is killed. `working`: some time after it is ready. `slow`: the same while the backend takes its time.
 * `backlog`: while the backend refuses, so that the next start has something to replay. `starting`: at any moment of
 * its start, before or while it replays.
 */
export const KILL_MOMENTS = ['working', 'backlog', 'starting', 'slow'] as const;
export type KillMoment = (typeof KILL_MOMENTS)[number];

export interface KillRoundsOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Requests of callers per second. */
  readonly rate: number;
  readonly onRound?: (round: KillRound) => void;
}

export interface KillRound {
  readonly number: number;
  readonly moment: KillMoment;
  /** Milliseconds after the start of the process at which it was killed. */
  readonly killedAfter: number;
  readonly wasReady: boolean;
  /** All of these are sums since the first round. */
  readonly acknowledgedRecords: number;
  readonly spans: number;
  readonly repeatedSpans: number;
  readonly contradictions: number;
}

export interface KillSummary {
  readonly rounds: readonly KillRound[];
  readonly acknowledgedRecords: number;
  readonly acknowledgedRequests: number;
  readonly spans: number;
  readonly receivedSpans: number;
  readonly repeatedSpans: number;
  readonly correctedSpans: number;
  /** Acknowledged, and never at the backend. */
  readonly missing: readonly string[];
  /** Sent twice under one id and revision with different contents. */
  readonly contradictions: readonly string[];
  /** What the server wrote outside of its log: crashes, warnings of node. */
  readonly noise: readonly string[];
  /** Milliseconds from the last start until everything was delivered. */
  readonly recoveredWithin: number;
}

/** How long a round lets the server work before it is killed, at most. */
const WORKING_MILLIS = 1_200;

/** Kills a server again and again under traffic of both feeds, then lets it finish and compares. */
export async function runKillRounds(options: KillRoundsOptions): Promise<KillSummary> {
  const random = createRandom(options.seed);
  await using backend = await startBackend();
  await using rig = createFaultRig({ destinations: [{ name: 'sink', endpoint: backend.url }] });
  await using traffic = startTraffic({ seed: options.seed, rate: options.rate, ingest: rig.ingest });
  const { book } = backend;
  const rounds: KillRound[] = [];
  const noise: string[] = [];
  /** How long the last complete start took; the first one is only a guess. */
  let startMillis = 1_000;

  for (let number = 1; number <= options.rounds; number++) {
    const moment = KILL_MOMENTS[(number - 1) % KILL_MOMENTS.length] ?? 'working';
    backend.answer(answerFor(moment, random));
    const server = rig.launch();
    const startedAt = performance.now();
    if (moment === 'starting') {
      await delay(startMillis * (0.2 + random.next()));
    } else {
      await server.ready;
      startMillis = performance.now() - startedAt;
      await delay(100 + random.next() * WORKING_MILLIS);
    }
    const wasReady = server.addresses !== undefined;
    const { signal } = await server.end('SIGKILL');
    if (signal !== 'SIGKILL')
      throw new Error(`the server ended by itself in round ${number}: ${server.noise.join('\n')}`);
    noise.push(...server.noise);
    const round: KillRound = {
      number,
      moment,
      killedAfter: performance.now() - startedAt,
      wasReady,
      acknowledgedRecords: traffic.acked.records,
      spans: book.spans,
      repeatedSpans: book.repeated,
      contradictions: book.contradictions.length,
    };
    rounds.push(round);
    options.onRound?.(round);
  }

  backend.answer({ kind: 'accept' });
  await rig.start();
  const startedAt = performance.now();
  await traffic.finish();
  await rig.settled({ timeoutMillis: 60_000 });
  noise.push(...rig.server.noise);
  return {
    rounds,
    acknowledgedRecords: traffic.acked.records,
    acknowledgedRequests: traffic.acked.requests,
    spans: book.spans,
    receivedSpans: book.received,
    repeatedSpans: book.repeated,
    correctedSpans: book.corrected,
    missing: traffic.acked.missingFrom(book),
    contradictions: book.contradictions,
    noise,
    recoveredWithin: performance.now() - startedAt,
  };
}

function answerFor(moment: KillMoment, random: Random) {
  if (moment === 'slow') return { kind: 'accept', delayMillis: 100 + random.int(0, 900) } as const;
  if (moment === 'backlog') return { kind: 'status', status: 503 } as const;
  return { kind: 'accept', delayMillis: random.int(0, 30) } as const;
}
