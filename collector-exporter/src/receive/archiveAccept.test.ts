import { StreamFullError, StreamUnavailableError, silentRecorder } from '@aisix-observability/pipeline';
import { expect, test } from 'vitest';
import type { Delivery } from '../report.ts';
import { acceptPatiently } from './archiveAccept.ts';

const DELIVERY: Delivery = { input: 'archive', environment: 'prod', receivedAt: 0, reports: [] };

test('a full stream or a refusing disk is waited for as long as it asks, within bounds, with the same delivery', async () => {
  const faults = [
    new StreamFullError('deliveries', 1, 3),
    new StreamUnavailableError('deliveries', 0, undefined),
    new StreamFullError('deliveries', 1, 7200),
  ];
  const waits: number[] = [];
  const pauses: string[] = [];
  const offered: Delivery[] = [];
  const counted: unknown[] = [];
  await acceptPatiently(DELIVERY, {
    accept: async (delivery) => {
      offered.push(delivery);
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
    },
    wait: async (millis) => void waits.push(millis),
    signal: new AbortController().signal,
    recorder: { ...silentRecorder, count: (name, value) => void counted.push([name, value]) },
    onPause: (_millis, code) => void pauses.push(code),
  });
  expect(waits).toEqual([3000, 100, 60_000]);
  expect(pauses).toEqual(['stream_full', 'stream_unavailable', 'stream_full']);
  expect(counted).toEqual([
    ['aisix_deliveries_accepted', 1],
    ['aisix_reports_accepted', 0],
  ]);
  expect(offered).toEqual([DELIVERY, DELIVERY, DELIVERY, DELIVERY]);
});

test('any other error passes, and an abort ends the waiting', async () => {
  const stop = new AbortController();
  const options = { wait: async () => stop.signal.throwIfAborted(), signal: stop.signal, recorder: silentRecorder };
  const closed = new Error('closed');
  await expect(acceptPatiently(DELIVERY, { ...options, accept: () => Promise.reject(closed) })).rejects.toBe(closed);
  stop.abort();
  const full = async () => {
    throw new StreamFullError('deliveries', 1, 1);
  };
  await expect(acceptPatiently(DELIVERY, { ...options, accept: full })).rejects.toThrow('aborted');
});
