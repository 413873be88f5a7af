/** `pnpm kill-rounds [--rounds 20] [--rate 120] [--seed n]`: the whole of what the test suite does in short. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runKillRounds } from '../killRounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

print(`seed ${values.seed}`);
const summary = await runKillRounds({
  rounds: Number(values.rounds),
  rate: Number(values.rate),
  seed: Number(values.seed),
  onRound: ({ number, moment, killedAfter, acknowledgedRecords, spans, repeatedSpans, contradictions }) =>
    print(
      `round ${String(number).padStart(3)}  ${moment.padEnd(9)} killed after ${Math.round(killedAfter)} ms  acknowledged ${acknowledgedRecords}  spans ${spans}  repeated ${repeatedSpans}  contradictions ${contradictions}`,
    ),
});
const { missing, contradictions, noise } = summary;
print(
  `${summary.acknowledgedRecords} records of ${summary.acknowledgedRequests} requests acknowledged, ${missing.length} missing at the backend; ${summary.repeatedSpans} spans sent again, ${contradictions.length} with other contents under one revision; ${summary.correctedSpans} corrected; delivered ${Math.round(summary.recoveredWithin)} ms after the last start`,
);
for (const line of [...missing, ...contradictions, ...noise].slice(0, 20)) print(`  ${line}`);
process.exitCode = missing.length + contradictions.length + noise.length === 0 ? 0 : 1;
