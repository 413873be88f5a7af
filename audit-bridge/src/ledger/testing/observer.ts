import { openLedger } from '../ledger.ts';
import { audited, seen } from './observations.ts';

/** Observes without end, two observations a call, and says on standard output what was acknowledged. */
const [path = '', round = ''] = process.argv.slice(2);
const ledger = openLedger(path);
for (let index = 0; ; index += 1) {
  const id = `${round}-${index}`;
  const resource = { kind: 'model', id: `m-${index % 7}` };
  const both = [
    audited(index, { observationId: `told-${id}`, resource, revision: index + 1 }),
    seen(index, index + 1, { observationId: `seen-${id}`, resource, revision: index + 1 }),
  ];
  // Some calls share a commit, some repeat what is there.
  await Promise.all([ledger.observe(both), ledger.observe(both.slice(0, 1))]);
  process.stdout.write(`ack ${id} .\n`);
}
