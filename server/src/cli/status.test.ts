import type { DestinationHealth } from '@aisix-observability/pipeline';
import { expect, it } from 'vitest';
import type { ServerStatus } from '../index.ts';
import { showStatus } from './status.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const stats = { rows: 3, bytes: 2048, firstSeq: 1, lastSeq: 3, oldestAt: NOW - 5_000 };
const address = { host: '127.0.0.1', port: 14318, scheme: 'http' as const };

const destination: DestinationHealth = {
  name: 'tempo',
  origin: 'http://tempo:4318',
  state: 'blocked',
  requestsInFlight: 0,
  backlogRows: 3,
  backlogBytes: 2048,
  delivered: 12,
  rejected: 2,
  retried: 5,
  setAside: { refused: 1 },
  skipped: {},
  unreadableResponses: 0,
  gaps: [],
  lastError: { at: NOW - 1_000, message: 'answered 401\u001b[31m', hint: 'check the credentials' },
  lastSuccessAt: NOW - 60_000,
  nextTryAt: NOW + 30_000,
  resends: [{ from: NOW - 3_600_000, to: NOW, rows: 7, items: 21 }],
};

const status: ServerStatus = {
  version: '0.1.0',
  state: 'ready',
  startedAt: NOW - 3_600_000,
  ingest: address,
  api: { ...address, port: 14319 },
  inputs: [{ input: 'telemetry', deliveries: 2, events: 9, lastReceivedAt: NOW - 2_000 }],
  clockOffsets: [{ environment: 'env-1', dataPlane: 'dp-1', input: 'otlp', millis: -2_500 }],
  followers: [],
  path: {
    openRequests: 1,
    deliveries: stats,
    requests: stats,
    destinations: [destination],
    gaps: [{ reader: 'destination:tempo', fromSeq: 1, toSeq: 9, from: 0, to: 1_000, rows: 9, reason: 'max_backlog' }],
    freshnessSeconds: 0.84,
    freshnessByDestination: { tempo: 1.26 },
  },
};

it('is everything that an operator asks for, in plain text', () => {
  const shown = showStatus(status, new Map([['env-1', 'prod']]), NOW);
  for (const line of [
    'requests    2KiB in 3 rows, oldest 5s ago, 1 open',
    'freshness   0.8 s',
    '  telemetry     9 events in 2 deliveries, last 2s ago',
    '  clock of dp-1 in prod: -2.5 s ahead',
    '  tempo         blocked, http://tempo:4318',
    '    delivered 12 spans, last 1m ago; behind 3 requests (2KiB)',
    '    there 1.3 s after the end of a request',
    '    rejected by the backend: 2',
    '    set aside: 1 refused',
    '      check the credentials',
    '    tried again in 30s',
    '    resending 2026-11-23T05:00:00.000Z to 2026-11-23T06:00:00.000Z: 7 requests so far',
    '  destination:tempo: 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z, 9 requests (max_backlog)',
  ]) {
    expect(shown.split('\n')).toContain(line);
  }
  expect(shown).toContain('last error 1s ago: answered 401');
  expect(shown).not.toContain('\u001b');
});
