import { expect, test } from 'vitest';
import { createProgress } from './archiveProgress.ts';

test('rate and time left follow the last seconds, and what an earlier run did says nothing about speed', () => {
  const progress = createProgress(10, 100_000, 0);
  expect(progress.now(0)).toEqual({
    files: 0,
    filesTotal: 10,
    bytes: 0,
    bytesTotal: 100_000,
    events: 0,
    refused: 0,
    ratePerSecond: 0,
  });
  progress.bytes(40_000, true);
  for (let second = 1; second <= 20; second += 1) {
    progress.bytes(1000);
    progress.events(second <= 10 ? 100 : 500, 1);
    progress.now(second * 1000);
  }
  progress.fileDone();
  expect(progress.now(20_000)).toEqual({
    files: 1,
    filesTotal: 10,
    bytes: 60_000,
    bytesTotal: 100_000,
    events: 6000,
    refused: 20,
    ratePerSecond: 500,
    secondsLeft: 40,
  });
});
