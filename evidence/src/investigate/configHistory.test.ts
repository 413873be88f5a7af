import { describe, expect, it } from 'vitest';
import type { ResourceVersion } from '../model/catalogue.ts';
import { configHistory } from './configHistory.ts';

const version = (
  since: number,
  value: ResourceVersion['value'],
  given: Partial<ResourceVersion> = {},
): ResourceVersion => ({ dataPlane: 'dp-1', kind: 'model', id: 'm-1', environment: 'prod', since, value, ...given });

describe('the history of the configuration', () => {
  const timesOut = (versions: readonly ResourceVersion[], time: number) =>
    configHistory(versions)
      .at(time)
      .map(({ id, value }) => [id, value.timeout]);

  it('is what the data plane that told last serves, and not what was only wanted', () => {
    const versions = [
      version(10, { timeout: 1 }),
      version(30, { timeout: 2 }),
      version(20, { timeout: 2 }, { dataPlane: 'dp-2' }),
      version(15, { timeout: 9 }, { dataPlane: null }),
      version(40, null),
    ];
    expect([15, 25, 35, 45].map((time) => timesOut(versions, time))).toEqual([
      [['m-1', 1]],
      [['m-1', 2]],
      [['m-1', 2]],
      [],
    ]);
  });

  it('is what was wanted of kinds that nobody serves', () => {
    const team = version(5, { timeout: 3 }, { dataPlane: null, kind: 'team', id: 't-1' });
    expect(timesOut([team, version(1, { timeout: 1 })], 6)).toEqual([
      ['m-1', 1],
      ['t-1', 3],
    ]);
  });

  it('before the first look is that of the first look; without any it is empty', () => {
    expect(timesOut([version(10, { timeout: 1 })], 2)).toEqual([['m-1', 1]]);
    expect(configHistory([]).at(5)).toEqual([]);
  });
});
