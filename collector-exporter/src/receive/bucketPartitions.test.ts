import { expect, test } from 'vitest';
import {
  firstOpenHour,
  hourOf,
  hourOfPartition,
  hoursFrom,
  isLive,
  isOver,
  partitionOfHour,
  UNKNOWN_PARTITION,
} from './bucketPartitions.ts';

const at = (text: string) => Date.parse(`2026-11-23T${text}Z`);
const names = (hours: readonly number[]) => hours.map((hour) => partitionOfHour(hour).slice(3));

test('partitions and hours name each other', () => {
  expect(partitionOfHour(at('06:00:00'))).toBe('dt=2026-11-23/hh=06');
  expect(hourOfPartition('dt=2026-11-23/hh=06')).toBe(at('06:00:00'));
  expect(hourOf(at('06:59:59.999'))).toBe(at('06:00:00'));
  for (const other of [UNKNOWN_PARTITION, 'dt=2026-11-23/hh=6', 'dt=2026-13-23/hh=06', 'dt=2026-11-23/hh=61', '']) {
    expect(hourOfPartition(other)).toBeUndefined();
  }
});

test('an hour is live while it lasts, open for an hour of slack more, and both for five minutes of clock skew', () => {
  const six = at('06:00:00');
  expect([isLive(six, at('07:04:59')), isLive(six, at('07:05:00'))]).toEqual([true, false]);
  expect([isOver(six, at('08:04:59')), isOver(six, at('08:05:00'))]).toEqual([false, true]);
  expect([names([firstOpenHour(at('08:04:59'))]), names([firstOpenHour(at('08:05:00'))])]).toEqual([
    ['2026-11-23/hh=06'],
    ['2026-11-23/hh=07'],
  ]);
});

test('hours go to the newest that a gateway with a fast clock may write; a long stretch is cut but for its end', () => {
  expect(names(hoursFrom(at('06:00:00'), at('07:54:59'), 9).hours)).toEqual(['2026-11-23/hh=06', '2026-11-23/hh=07']);
  expect(names(hoursFrom(at('07:00:00'), at('07:55:00'), 9).hours)).toEqual(['2026-11-23/hh=07', '2026-11-23/hh=08']);
  const long = hoursFrom(at('00:00:00'), at('23:00:00'), 2);
  expect(names(long.hours)).toEqual(['00', '01', '22', '23'].map((hour) => `2026-11-23/hh=${hour}`));
  expect(long.more).toBe(true);
  expect(hoursFrom(at('21:00:00'), at('23:00:00'), 2)).toMatchObject({ more: false });
  expect(hoursFrom(at('21:00:00'), at('23:00:00'), 2).hours).toHaveLength(3);
  // A clock thousands of years off must cost nothing.
  expect(hoursFrom(at('00:00:00'), Date.UTC(9000, 0), 200).hours).toHaveLength(202);
});
