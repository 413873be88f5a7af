import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startFakeGrafana } from '../../fakes/grafanaAnnotations.ts';
import { waitFor } from '../../faults/waiting.ts';
import { createRandom } from '../../gateway/index.ts';
import { compare } from './compare.ts';
import { randomFaults } from './faults.ts';
import type { FromBridge } from './messages.ts';
import { observationBatches } from './traffic.ts';

const BRIDGE = fileURLToPath(new URL('./bridgeProcess.ts', import.meta.url));

/** Sent and not acknowledged at a time. */
const AHEAD = 4;

/** Of a bridge that is killed, after it is ready: some die while they start, most while they draw. */
const LONGEST_LIFE_MILLIS = 3_000;

/** Until everything is taken, or drawn, on a machine that does other work too. */
const LEAST_PATIENCE_MILLIS = 150_000;
const PATIENCE_MILLIS_PER_CHANGE = 60;

export interface RoundsOptions {
  readonly changes: number;
  readonly kills: number;
  readonly seed: number;
  /** Share of requests that fail. */
  readonly faults: number;
  readonly onKill?: (kill: { number: number; acknowledged: number; batches: number; annotations: number }) => void;
}

export interface RoundsSummary {
  readonly changes: number;
  readonly markers: number;
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: number;
  /** What is not as it has to be: everything that this is about. */
  readonly wrong: readonly string[];
  readonly complaints: readonly string[];
}

/** Processes that still run; whoever ends takes them along. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A bridge that is killed again and again while it draws in a Grafana that fails in every way, then left to finish. */
export async function runAnnotationRounds(options: RoundsOptions): Promise<RoundsSummary> {
  const random = createRandom(options.seed);
  const timeoutMillis = Math.max(LEAST_PATIENCE_MILLIS, options.changes * PATIENCE_MILLIS_PER_CHANGE);
  await using undo = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'annotation-rounds-'));
  undo.defer(() => rm(directory, { recursive: true }));
  const counts = new Map<string, number>();
  const grafana = undo.adopt(await startFakeGrafana(), (started) => started.close());
  const theirs = [
    grafana.seed({ time: Date.now() - 3_600_000, text: 'a deployment', tags: ['deploy'] }),
    grafana.seed({ time: Date.now() - 3_600_000, text: 'somebody’s note on AISIX', tags: ['aisix', 'note'] }),
  ].map((id) => ({ ...grafana.annotations.get(id) }));
  let requests = 0;
  const faults = randomFaults(options.faults, options.seed, counts);
  let failing = true;
  grafana.fault((request) => {
    requests += 1;
    return failing ? faults(request) : undefined;
  });

  const { batches, changes } = observationBatches(options.changes, options.seed, Date.now());
  const acknowledged = new Set<number>();
  const complaints: string[] = [];
  let status: Extract<FromBridge, { type: 'status' }> | undefined;

  async function launch(): Promise<ChildProcess> {
    const child = fork(BRIDGE, [directory, grafana.url], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    running.add(child);
    status = undefined;
    const sent = new Set<number>();
    const fill = (): void => {
      for (let batch = 0; batch < batches.length && sent.size < AHEAD; batch += 1) {
        if (acknowledged.has(batch) || sent.has(batch)) continue;
        sent.add(batch);
        // It may be killed at any moment; what is not acknowledged goes to the next one.
        child.send({ batch, observations: batches[batch] ?? [] }, () => {});
      }
    };
    child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk.toString().slice(0, 500)));
    child.on('message', (message: FromBridge) => {
      if (message.type === 'acknowledged') {
        acknowledged.add(message.batch);
        sent.delete(message.batch);
        fill();
      } else if (message.type === 'status') status = message;
      else if (message.type === 'complaint') complaints.push(`${message.message}: ${String(message.fields)}`);
      else fill();
    });
    await once(child, 'message');
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
    running.delete(child);
  }

  for (let number = 1; number <= options.kills; number += 1) {
    const child = await launch();
    await delay(random.chance(0.3) ? random.int(1, 300) : random.int(300, LONGEST_LIFE_MILLIS));
    await kill(child);
    const done = { acknowledged: acknowledged.size, batches: batches.length, annotations: grafana.annotations.size };
    options.onKill?.({ number, ...done });
  }
  const last = await launch();
  await waitFor('all observations to be taken', () => acknowledged.size === batches.length, {
    timeoutMillis,
    last: () => acknowledged.size,
  });
  // As long again under faults as it takes to draw most of it.
  await waitFor('most of it to be drawn', () => (status?.waiting ?? Number.POSITIVE_INFINITY) < options.changes / 10, {
    timeoutMillis,
    last: () => status,
  });
  failing = false;
  await waitFor('late commits', () => grafana.pending === 0);
  const leftByProbe = () => [...grafana.annotations.values()].some(({ text }) => text.includes('may write here'));
  const settled = () => status?.state === 'ok' && status.waiting === 0 && status.behind === 0;
  await waitFor('the rest to be drawn', settled, { timeoutMillis, last: () => status });
  await waitFor('what a probe left to be taken away', () => !leftByProbe());
  await kill(last);

  return {
    ...compare(directory, grafana.annotations, theirs, changes),
    requests,
    faults: Object.fromEntries([...counts].toSorted()),
    kills: options.kills + 1,
    complaints,
  };
}
