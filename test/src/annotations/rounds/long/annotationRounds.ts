/** `pnpm annotation-rounds [--changes 10000] [--kills 40] [--faults 0.05] [--seed n]`: the whole of what the suite does in short. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runAnnotationRounds } from '../runRounds.ts';

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '40' },
    faults: { type: 'string', default: '0.05' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

print(`seed ${values.seed}`);
const { wrong, complaints, ...summary } = await runAnnotationRounds({
  changes: Number(values.changes),
  kills: Number(values.kills),
  faults: Number(values.faults),
  seed: Number(values.seed),
  onKill: ({ number, acknowledged, batches, annotations }) =>
    print(
      `kill ${String(number).padStart(3)}  ${acknowledged} of ${batches} batches taken  ${annotations} annotations`,
    ),
});
print(JSON.stringify(summary, null, 2));
print(`${wrong.length} markers that are not as they have to be, ${complaints.length} complaints`);
for (const line of [...wrong, ...complaints].slice(0, 20)) print(`  ${line}`);
process.exitCode = wrong.length + complaints.length === 0 ? 0 : 1;
