/**
 * What a change costs the ledger, whether that grows with what it holds, and how soon a change is drawn:
 * `node test/src/bench/ledger.bench.ts [--changes 10000] [--seconds 240] [--part 1|2|3|4] [--dir <on the disk to measure>]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ChangeObservation, type Observation, openLedger, verifyLedger } from '@aisix-observability/audit-bridge';
import { measureMarkers } from './ledger/markers.ts';
import { report, thousands } from './result.ts';

const { values: args } = parseArgs({
  options: {
    changes: { type: 'string', default: '10000' },
    /** Of one part: a part that is slower ends before all of its changes. */
    seconds: { type: 'string', default: '240' },
    part: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const CHANGES = Number(args.changes);
const MAX_MILLIS = Number(args.seconds) * 1000;

/** Somebody's loop that moves a weight again and again. */
const SPACING_MILLIS = 5_000;
/** Calls of which the average is taken at first: by then there is more than what one fold looks at. */
const EARLY = [800, 1200] as const;
const START = Date.UTC(2026, 0, 1);

interface Part {
  readonly what: string;
  /** Changes are spread over so many. */
  readonly resources: number;
  /** Whether audit events carry the revision, so that they need no pairing by time. */
  readonly revisions: boolean;
}

const PARTS: readonly Part[] = [
  { what: 'one resource, events with revisions', resources: 1, revisions: true },
  { what: 'one resource, events without', resources: 1, revisions: false },
  { what: '1,000 resources', resources: 1000, revisions: true },
];

/** What an audit event and then a watcher say of the n-th change: two calls, as they come. */
function callsOf(n: number, { resources, revisions }: Part): Observation[][] {
  const at = START + n * SPACING_MILLIS;
  const id = `m-${n % resources}`;
  const resource = { kind: 'model', id, name: `model ${id}` };
  const document = (weight: number) => ({ display_name: `model ${id}`, timeout: weight, provider: 'openai' });
  const common = {
    type: 'change',
    environment: 'prod',
    action: 'update',
    resource,
    foundLate: false,
    result: 'success',
    paths: [{ path: '/timeout', before: n - resources, after: n, secret: false }],
    before: document(n - resources),
    after: document(n),
  } as const;
  const audit: ChangeObservation = {
    ...common,
    observationId: `audit-${n}`,
    feed: { type: 'webhook', name: 'cloud' },
    observedAt: at + 100,
    trust: 'signed',
    occurredAt: at,
    actor: { type: 'user', id: 'a-loop' },
    source: 'api',
    contentHash: `content-${n}`,
    ...(revisions ? { revision: n + 1 } : {}),
  };
  const watcher = {
    feed: { type: 'config_cache', name: 'cache' },
    observedAt: at + 400,
    environment: 'prod',
    dataPlane: 'dp-1',
    resource,
    revision: n + 1,
  } as const;
  return [
    [audit],
    [
      {
        ...common,
        ...watcher,
        observationId: `seen-${n}`,
        trust: 'observed',
        seenBetween: [at - 100, at + 400],
        source: 'config_cache',
      },
      { type: 'in_force', ...watcher, observationId: `served-${n}`, state: 'applied', at: at + 400 },
    ],
  ];
}

/** Of the process, so that neighbours do not count: commits that wait for the disk are not part of it. */
function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const average = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

async function measure(part: Part): Promise<void> {
  const directory = mkdtempSync(join(args.dir, 'ledger-bench-'));
  const path = join(directory, 'ledger.db');
  try {
    const ledger = openLedger(path);
    const millis: number[] = [];
    const end = performance.now() + MAX_MILLIS;
    let done = 0;
    for (; done < CHANGES && performance.now() < end; done += 1) {
      for (const observations of callsOf(done, part)) {
        const start = cpuMillis();
        await ledger.observe(observations);
        millis.push(cpuMillis() - start);
      }
    }
    const [early, late] = [average(millis.slice(...EARLY)), average(millis.slice(-Math.ceil(millis.length / 10)))];
    report({
      what: `ledger, ${part.what}: CPU of a call around the 500th and in the last tenth of ${thousands(done)} changes`,
      measured: `${early.toFixed(2)} and ${late.toFixed(2)} ms`,
      goal: 'does not grow',
      met: done > 1000 && late < 1.5 * early,
    });
    await ledger.close();
    const start = performance.now();
    const verified = verifyLedger(path);
    const seconds = (performance.now() - start) / 1000;
    if (!verified.ok) throw new Error('the chain is broken');
    process.stdout.write(
      `    verified ${thousands(verified.rows)} rows, ${thousands(verified.rows / seconds)} a second\n`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

for (const [index, part] of PARTS.entries()) {
  if (args.part === undefined || Number(args.part) === index + 1) await measure(part);
}
if (args.part === undefined || Number(args.part) > PARTS.length) await measureMarkers();
