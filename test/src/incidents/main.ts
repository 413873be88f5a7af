/**
 * `pnpm incidents` plays simulated incidents and judges what the product says of them. Without arguments: the full
 * report, every cell on fresh seeds, and baselines and ablations beside it; `--write` puts it into
 * docs/investigation.md. For tuning: `--seeds even --windows 20 --rates 3,10 --situations outage,fault --only product`.
 */
import { parseArgs } from 'node:util';
import { ALGORITHMS } from './judge/algorithms.ts';
import type { Job, JobResult } from './judge/job.ts';
import { runJobs } from './judge/runJobs.ts';
import { isSeedSet, SEED_SETS, seedsOf } from './judge/seeds.ts';
import { CELLS, WINDOWS_PER_CELL } from './parameters.ts';
import { reportOf } from './report/report.ts';
import { collect } from './report/tables.ts';
import { writeSection } from './report/writeSection.ts';

const { values } = parseArgs({
  options: {
    windows: { type: 'string' },
    skip: { type: 'string', default: '0' },
    seeds: { type: 'string', default: 'fresh' },
    rates: { type: 'string' },
    situations: { type: 'string' },
    only: { type: 'string' },
    compared: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    write: { type: 'boolean', default: false },
  },
});

const windows = Number(values.windows ?? WINDOWS_PER_CELL);
const compared = Math.min(windows, Number(values.compared));
const rates = values.rates?.split(',').map(Number);
const situations = values.situations?.split(',');
const only = values.only?.split(',');
const skip = Number(values.skip);
const set = values.seeds;
if (!isSeedSet(set)) throw new Error(`--seeds has to be one of ${SEED_SETS.join(', ')}, and is "${set}"`);
const names = ALGORITHMS.map(({ name }) => name).filter((name) => only === undefined || only.includes(name));
/** Windows of one job: small enough that both threads end together. */
const PER_JOB = 5;
/** Rates at which baselines and ablations are judged, too. */
const COMPARED_RATES = [3, 10];

const cells = CELLS.filter(
  ({ rate, situation }) => (rates?.includes(rate) ?? true) && (situations?.includes(situation) ?? true),
);
const jobs: Job[] = cells.flatMap((cell) =>
  Array.from({ length: Math.ceil(windows / PER_JOB) }, (_, part): Job => {
    const count = Math.min(PER_JOB, windows - part * PER_JOB);
    const seeds = seedsOf(set, skip + part * PER_JOB, count);
    const all = part * PER_JOB < compared && COMPARED_RATES.includes(cell.rate);
    return { cell, seeds, algorithms: all ? names : names.slice(0, 1) };
  }),
);
// The large ones first, so that no thread is left with one of them at the end.
jobs.sort((a, b) => b.cell.rate - a.cell.rate);

const begun = process.cpuUsage();
const results: JobResult[] = [];
await runJobs(jobs, Number(values.threads), (result, done) => {
  results.push(result);
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${jobs.length}`);
});
const { user, system } = process.cpuUsage(begun);
const comparable = results.filter(({ counts }) => Object.keys(counts).length > 1);
const text = reportOf(collect(results), collect(comparable), names, { windows, compared, seeds: set });
process.stdout.write(`${text}\n\nCPU ${Math.round((user + system) / 1e6)} s\n`);
if (values.write) writeSection(new URL('../../../docs/investigation.md', import.meta.url), text);
