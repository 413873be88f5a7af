import { dateTime, type TimeRange } from '@grafana/data';
import type { RunContext } from '../run/context';
import type { ObservabilitySource } from '../run/source';
import { type FakeApi, fakeApi, fakeContext, NOW } from './fakeApi';

/** Of the data source what editors use. */
export const sourceWith = (api: FakeApi = fakeApi(), over: Partial<RunContext> = {}): ObservabilitySource =>
  ({ context: fakeContext(api, over) }) as unknown as ObservabilitySource;

const [from, to] = [dateTime(NOW - 3_600_000), dateTime(NOW)];

export const LAST_HOUR: TimeRange = { from, to, raw: { from, to } };
