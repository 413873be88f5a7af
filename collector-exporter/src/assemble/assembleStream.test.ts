import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { openStreamFile, type Stream, type StreamFile, silentRecorder } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Delivery, UsageReport } from '../report.ts';
import { ASSEMBLE_READER, type AssembleStream, startAssembleStream } from './assembleStream.ts';

const T0 = Date.UTC(2026, 10, 23, 12, 0, 0);

function delivery(requestId: string, fields: Partial<UsageReport> = {}, receivedAt = T0): string {
  const report: UsageReport = {
    feed: 'usage',
    requestId,
    occurredAt: T0,
    attemptIndex: 0,
    attemptKind: 'initial',
    statusCode: 200,
    upstreamLatencyMs: 400,
    modelId: 'm-1',
    requestedModel: 'smart',
    ...fields,
  };
  const whole: Delivery = { input: 'telemetry', environment: 'env', receivedAt, reports: [report] };
  return JSON.stringify(whole);
}

let folder: string;
let requestsFile: StreamFile;
let deliveriesFile: StreamFile;
let deliveries: Stream;
let assembly: AssembleStream | undefined;
const logged: string[] = [];
let clock = T0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aisix-assemble-'));
  requestsFile = openStreamFile(join(folder, 'requests.db'));
  deliveriesFile = openStreamFile(join(folder, 'deliveries.db'));
  deliveries = deliveriesFile.stream('deliveries');
  logged.length = 0;
  clock = T0;
});
afterEach(async () => {
  await assembly?.close();
  assembly = undefined;
  await requestsFile.close();
  await deliveriesFile.close();
  rmSync(folder, { recursive: true });
});

function start(from: Pick<Stream, 'read' | 'stats'> = deliveries): AssembleStream {
  assembly = startAssembleStream({
    deliveries: from,
    file: requestsFile,
    requests: requestsFile.stream('requests'),
    recorder: silentRecorder,
    log: (level, message) => logged.push(`${level} ${message}`),
    now: () => clock,
  });
  return assembly;
}

const place = () => requestsFile.cursors.get(ASSEMBLE_READER);
const finals = () =>
  requestsFile
    .stream('requests')
    .read(0, { rows: 100, bytes: 1e6 })
    .map(({ payload }) => JSON.parse(payload) as GatewayRequest)
    .filter(({ state }) => state === 'final')
    .map(({ requestId }) => requestId);
const store = (...payloads: string[]) => deliveries.append(payloads.map((payload) => ({ payload, at: T0 })));

describe('the place in the stream of deliveries', () => {
  it('stays where it is when a start finds nothing new', async () => {
    await store(delivery('a'), delivery('b'));
    const first = start();
    await vi.waitFor(() => expect(place()).toBe(2));
    await first.close();

    const second = start();
    second.wake();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(place()).toBe(2);
    await store(delivery('c'));
    second.wake();
    await vi.waitFor(() => expect(place()).toBe(3));
    expect(finals()).toEqual(['a', 'b', 'c']);
  });

  it('goes back to the beginning when the stream ends before it, so that nothing new is passed over', async () => {
    requestsFile.cursors.set(ASSEMBLE_READER, 40);
    await store(delivery('a'), delivery('b'));
    start();
    await vi.waitFor(() => expect(finals()).toEqual(['a', 'b']));
    expect(place()).toBe(2);
    expect(logged).toEqual(['warn the stream of deliveries ends before the place reached in it, reading all of it']);
  });
});

describe('trouble', () => {
  it('with reading is tried again', async () => {
    await store(delivery('a'));
    let failures = 2;
    start({
      read(after, limit) {
        if (failures-- > 0) throw new Error('disk I/O error');
        return deliveries.read(after, limit);
      },
      stats: () => deliveries.stats(),
    });
    await vi.waitFor(() => expect(finals()).toEqual(['a']), { timeout: 5_000 });
    expect(logged).toEqual(Array(2).fill('error deliveries cannot be read, trying again'));
  });

  it('that nobody foresaw is told, and moves the place past nothing', async () => {
    await store(delivery('a'), 'no delivery');
    const { failed } = start();
    expect((await failed).message).toMatch(/JSON/);
    expect(place() ?? 0).toBe(0);
    expect(logged).toEqual(['error assembly stopped']);
  });
});

it('does not wait for the old time to come again when the clock is put back', async () => {
  await store(delivery('a', { statusCode: 503, errorClass: 'upstream_status' }, T0));
  const { wake } = start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  clock = T0 - 3_600_000;
  wake();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(finals()).toEqual([]);
  clock += 15_000;
  await vi.waitFor(() => expect(finals()).toEqual(['a']));
});

it('says that deliveries are not needed only once the requests made of them are on disk', async () => {
  const steps: string[] = [];
  assembly = startAssembleStream({
    deliveries,
    file: {
      cursors: requestsFile.cursors,
      transact(work) {
        const result = requestsFile.transact(work);
        steps.push(`waited, ${place()}`);
        return result;
      },
      transactRelaxed(work) {
        const result = requestsFile.transactRelaxed(work);
        steps.push(`went on, ${place()}`);
        return result;
      },
    },
    requests: requestsFile.stream('requests'),
    recorder: silentRecorder,
    log: () => {},
    now: () => clock,
    onDurable: ({ resumeAfter, lastSeq }) => steps.push(`not needed: ${resumeAfter}, stays: ${lastSeq}`),
  });
  // What an earlier run left is made sure of at the start, so that readers know what stays.
  await vi.waitFor(() => expect(steps.splice(0)).toEqual(['waited, 0', 'not needed: 0, stays: 0']));
  await store(delivery('a'));
  assembly.wake();
  await vi.waitFor(() => expect(steps).toEqual(['went on, 1']));
  await store(delivery('b'));
  assembly.wake();
  await vi.waitFor(() => expect(steps).toEqual(['went on, 1', 'went on, 2']));
  // Nothing new comes; the place is waited for all the same.
  clock = T0 + 500;
  await vi.waitFor(() => expect(steps.slice(2)).toEqual(['waited, 2', 'not needed: 2, stays: 2']));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(steps).toHaveLength(4);
});

it('an open request is shown once, and again when something is learned of it', async () => {
  const states = () =>
    requestsFile
      .stream('requests')
      .read(0, { rows: 100, bytes: 1e6 })
      .map(({ payload }) => JSON.parse(payload) as GatewayRequest)
      .map(({ state, attempts }) => `${state} ${attempts.length}`);
  const failed = (attemptIndex: number) =>
    delivery('a', { attemptIndex, statusCode: 503, errorClass: 'upstream_status' }, clock);
  await store(failed(0));
  start();
  await vi.waitFor(() => expect(assembly?.openRequests).toBe(1));
  clock += 1_000;
  await vi.waitFor(() => expect(states()).toEqual(['open 1']));
  clock += 1_000;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(states()).toEqual(['open 1']);
  await store(failed(1));
  assembly?.wake();
  await vi.waitFor(() => expect(states()).toEqual(['open 1', 'open 2']));
});
