import { expect, it } from 'vitest';
import { accepted, createRig } from './testing/rig.ts';

const CURSOR = 'destination:main';

it('a gap with rows of a clock that was put back is filled only by a range that holds them too', async () => {
  const rig = createRig();
  rig.stream.push(['first'], 90);
  rig.stream.push(['a', 'b'], 100);
  rig.stream.push(['set back', 'set back too'], 50);
  rig.stream.push(['c'], 110);
  const destination = rig.start(() => accepted);
  await rig.clock.until(() => destination.health().delivered === 6);
  const gap = { reader: CURSOR, fromSeq: 2, toSeq: 6, from: 100, to: 110, rows: 5, reason: 'max_backlog' };
  rig.cursors.addGap(gap);

  const narrow = destination.resend({ from: 100, to: 110 });
  await rig.clock.advance(2_000);
  expect(await narrow).toEqual({ rows: 3, items: 3 });
  expect(destination.health().gaps).toEqual([gap]);

  const wide = destination.resend({ from: 0, to: 200 });
  await rig.clock.advance(2_000);
  expect(await wide).toEqual({ rows: 6, items: 6 });
  expect(destination.health().gaps).toEqual([]);
});

it.each([
  ['at its beginning', [50, 100, 110]],
  ['at its end', [100, 110, 50]],
])('also where they stand %s', async (_, times) => {
  const rig = createRig();
  for (const at of times) rig.stream.push([`at ${at}`], at);
  const destination = rig.start(() => accepted);
  await rig.clock.until(() => destination.health().delivered === 3);
  const gap = { reader: CURSOR, fromSeq: 1, toSeq: 3, from: 100, to: 110, rows: 3, reason: 'max_backlog' };
  rig.cursors.addGap(gap);
  const done = destination.resend({ from: 100, to: 110 });
  await rig.clock.advance(2_000);
  expect((await done).rows).toBe(2);
  expect(destination.health().gaps).toEqual([gap]);
});
