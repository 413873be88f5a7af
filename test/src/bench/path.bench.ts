/**
 * The whole server as a process, load generator and backend as two more, all on the same cores:
 * `node test/src/bench/path.bench.ts [ack|sustained|profile|memory|backfill]… [--seconds 30] [--sustained-seconds 180]
 * [--rate 5000] [--backfill-events 500000]`.
 */
import { parseArgs } from 'node:util';
import { measureAck } from './path/ack.ts';
import { measureBackfill } from './path/backfill.ts';
import { measureMemory } from './path/memory.ts';
import { measureSustained, profileSustained } from './path/sustained.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    'sustained-seconds': { type: 'string', default: '180' },
    rate: { type: 'string', default: '5000' },
    'backfill-events': { type: 'string', default: '500000' },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);
const parts = {
  ack: () => measureAck(seconds),
  sustained: () => measureSustained(Number(values['sustained-seconds']), rate),
  profile: () => profileSustained(seconds, rate),
  memory: () => measureMemory(),
  backfill: () => measureBackfill(Number(values['backfill-events'])),
};
const wanted = positionals.length === 0 ? Object.keys(parts) : positionals;
for (const [name, run] of Object.entries(parts)) if (wanted.includes(name)) await run();
