/** `pnpm outage [--seconds 120] [--rate 120] [--seed n]`: a backend that is away for as long as real ones are. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runOutage } from '../outage.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    rate: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Seconds between lines. */
const EVERY = 10;
let looks = 0;

print(`seed ${values.seed}`);
const summary = await runOutage({
  seed: Number(values.seed),
  rate: Number(values.rate),
  downMillis: Number(values.seconds) * 1_000,
  onProgress({ acknowledged, backlogRows }) {
    looks += 1;
    if (looks % EVERY === 0)
      print(`down ${looks} s  acknowledged ${acknowledged} requests  backlog ${backlogRows} rows`);
  },
});
const { missing, contradictions, refusals } = summary;
print(
  `${summary.acknowledgedRequests} requests acknowledged, ${summary.backlogRows} rows waited when the backend came back, all delivered ${Math.round(summary.caughtUpWithin)} ms later; ${missing.length} facts missing, ${contradictions.length} contradictions, answers other than 2xx: ${[...refusals].map(([status, count]) => `${count} × ${status}`).join(', ') || 'none'}`,
);
for (const line of [...missing, ...contradictions].slice(0, 20)) print(`  ${line}`);
process.exitCode = missing.length + contradictions.length + refusals.size === 0 ? 0 : 1;
