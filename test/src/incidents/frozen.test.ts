import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { SITUATIONS } from './parameters.ts';
import { simulateWindow } from './simulateWindow.ts';

/** Of what happens in the windows below. Whoever changes it has to freeze again: docs/investigation.md. */
const FROZEN = '76286eb42a701f5014b827ffc40b2d495065f87c0f3269eb2c3572e00586f1a9';

it('the simulated incidents are those that were frozen', () => {
  const hash = createHash('sha256');
  for (const situation of SITUATIONS) {
    for (const seed of [0, 1]) {
      const { calls, changes, truth, delivered } = simulateWindow({ rate: 0.3, situation }, seed);
      const faults = truth.faults.map(({ kind, harmed, reached }) => [kind, harmed, reached]);
      const failed = calls.filter(
        ({ refused, tries }) => refused !== undefined || tries.at(-1)?.errorClass !== undefined,
      );
      hash.update(JSON.stringify([calls.length, failed.length, delivered.partly.size, faults]));
      hash.update(JSON.stringify(changes.map(({ resource, paths }) => [resource.kind, paths.map(({ path }) => path)])));
    }
  }
  expect(hash.digest('hex')).toBe(FROZEN);
});
