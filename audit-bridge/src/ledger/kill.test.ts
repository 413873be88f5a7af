import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from './ledger.ts';
import { audited } from './testing/observations.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

const ROUNDS = 4;
/** The child is killed after so many acknowledgements, in the middle of the next. */
const ACKS_PER_ROUND = 8;

async function observeUntilKilled(path: string, round: number): Promise<string[]> {
  const program = fileURLToPath(new URL('testing/observer.ts', import.meta.url));
  const child = spawn(process.execPath, [program, path, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const closed = once(child, 'close');
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const id = /^ack (\S+) \.$/.exec(line)?.[1];
    if (id !== undefined) acknowledged.push(id);
    if (acknowledged.length >= ACKS_PER_ROUND) child.kill('SIGKILL');
  }
  await closed;
  return acknowledged;
}

test('what was acknowledged before kill -9 is there exactly once, in an unbroken chain', async () => {
  const path = temporaryPath();
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    acknowledged.push(...(await observeUntilKilled(path, round)));
    const ledger = openLedger(path);
    const head = ledger.head();
    expect(verifyLedger(path)).toMatchObject({ ok: true, head });
    for (const id of acknowledged) {
      const again = await ledger.observe([audited(0, { observationId: `told-${id}` })]);
      expect(again).toMatchObject({ stored: 0, repeated: 1 });
    }
    expect(ledger.head()).toEqual(head);

    const versions = ledger.versionsAfter(0, 100_000);
    const version = ledger.lastVersion();
    ledger.rebuild();
    expect(ledger.versionsAfter(0, 100_000)).toEqual(versions);
    expect(ledger.lastVersion()).toBe(version);
    await ledger.close();
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS * ACKS_PER_ROUND);
});
