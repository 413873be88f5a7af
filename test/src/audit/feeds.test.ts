import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ConfigChange } from '@aisix-observability/evidence';
import { expect, it } from 'vitest';
import { FAKE_TOKEN } from '../fakes/grafanaAnnotations.ts';
import { waitFor } from '../faults/waiting.ts';
import { loadTelemetry, RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { AUDITOR, type AuditServer, startAuditServer, TELEMETRY_TOKEN, VIEWER } from './auditServer.ts';
import { postSigned, WEBHOOK_SECRET } from './signedDelivery.ts';

const TIMEOUT = 120_000;
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

const event = (id: string, more: object = {}) => ({
  schema_version: '1.0',
  id,
  occurred_at: new Date().toISOString(),
  action: 'update',
  resource: { type: 'model', id: `model-${id}`, name: 'a-model' },
  environment: { id: RECORDED_ENVIRONMENT },
  ...more,
});

async function changes(rig: AuditServer): Promise<ConfigChange[]> {
  const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 };
  const response = await rig.ask('/changes/search', { ...range, order: 'oldest' }, AUDITOR);
  return ((await response.json()) as { changes: ConfigChange[] }).changes;
}

it(
  'a feed or an output that fails stops nothing else, and the status says what is wrong',
  async () => {
    await using rig = await startAuditServer({
      audit: {
        webhooks: [{ name: 'cloud', path: '/audit/cloud', secrets: [WEBHOOK_SECRET] }],
        watch: [
          {
            name: 'etcd',
            kind: 'etcd',
            endpoints: [NOWHERE, `${NOWHERE}/`],
            prefix: '/aisix/prod',
            environment: 'prod',
          },
          {
            name: 'no-certificate',
            kind: 'etcd',
            endpoints: ['https://127.0.0.1:9'],
            prefix: '/aisix/prod',
            environment: 'prod',
            tls: { ca_file: join('/', 'does', 'not', 'exist.pem') },
          },
          { name: 'status', kind: 'status', url: `${NOWHERE}/status/config`, environment: 'prod', data_plane: 'dp-1' },
          { name: 'yaml', kind: 'resources_file', path: '/does/not/exist.yaml', environment: 'prod' },
        ],
        poll: [{ name: 'poll', preset: 'canonical', url: NOWHERE, interval: '1s' }],
      },
      annotations: [{ name: 'main', url: NOWHERE, token: FAKE_TOKEN }],
    });
    expect((await postSigned(`${rig.addresses.ingest}/audit/cloud`, event('1'))).status).toBe(202);
    expect(await changes(rig)).toHaveLength(1);
    const audit = await waitFor('everything to be known as failing', async () => {
      const { audit: now } = await rig.server.status();
      return now?.feeds.every(({ state }) => state === 'failing') && now.annotations[0]?.lastError !== undefined && now;
    });
    const faults = Object.fromEntries(audit.feeds.map(({ name, fault }) => [name, fault?.code]));
    expect(faults).toMatchObject({
      etcd: 'etcd_unreachable',
      'no-certificate': 'ENOENT',
      yaml: 'resources_file_missing',
    });
    expect(audit.annotations[0]).toMatchObject({ name: 'main', waiting: 1 });
    expect((await rig.server.metrics()).match(/aisix_audit_feed_failing\{.*\} 1/g)).toHaveLength(5);
    expect(await (await rig.server.end('SIGTERM')).code).toBe(0);
  },
  TIMEOUT,
);

it(
  'a polled log is read on where it was left, over a restart',
  async () => {
    const rows: object[] = [event('polled-1')];
    const cursors: (string | null)[] = [];
    const log: Server = createServer((request, response) => {
      const cursor = new URL(request.url ?? '/', 'http://log').searchParams.get('cursor');
      cursors.push(cursor);
      const from = Number(cursor ?? 0);
      response.setHeader('content-type', 'application/json');
      const next = rows.length > from ? { next_cursor: String(rows.length) } : {};
      response.end(JSON.stringify({ events: rows.slice(from), ...next }));
    });
    await new Promise<void>((resolve) => log.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(log.address() as AddressInfo).port}/`;
      await using rig = await startAuditServer({
        audit: { poll: [{ name: 'poll', preset: 'canonical', url, interval: '1s', since: '1h' }] },
      });
      await waitFor('the first row', async () => (await changes(rig)).length === 1);
      await rig.restart();
      rows.push(event('polled-2', { occurred_at: new Date().toISOString() }));
      await waitFor('the second row', async () => (await changes(rig)).length === 2);
      expect((await changes(rig)).every(({ trust }) => trust === 'polled')).toBe(true);
      expect(cursors.at(-1)).not.toBeNull();
    } finally {
      log.closeAllConnections();
      log.close();
    }
  },
  TIMEOUT,
);

it(
  'names of caller keys that a change told show at requests that were stored before',
  async () => {
    await using rig = await startAuditServer();
    const posts = loadTelemetry('story').slice(0, 40);
    const events = posts.flatMap(({ body }) => body.events);
    const key = events
      .map((one) => (one as { api_key_id?: string }).api_key_id)
      .find((id) => id !== undefined && id !== '');
    for (const { body } of posts) {
      const response = await fetch(`${rig.addresses.ingest}/dp/telemetry`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${TELEMETRY_TOKEN}`,
          'x-aisix-environment': 'prod',
        },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(200);
    }
    const times = posts.map(({ receivedAt }) => receivedAt);
    const search = async () => {
      const query = {
        from: Math.min(...times) - 600_000,
        to: Math.max(...times) + 60_000,
        filters: [{ field: 'apiKeyName', op: 'eq', value: 'renamed-team' }],
      };
      const response = await rig.ask('/requests/search', query, VIEWER);
      return ((await response.json()) as { requests: { apiKeyId: string }[] }).requests;
    };
    const renamed = event('rename', {
      resource: { type: 'api_key', id: key, name: 'renamed-team' },
      before: { display_name: 'team-web' },
      after: { display_name: 'renamed-team' },
    });
    expect((await postSigned(`${rig.addresses.ingest}/audit/cloud`, renamed)).status).toBe(202);
    const found = await waitFor('requests under the new name', async () => {
      const requests = await search();
      return requests.length > 0 && requests;
    });
    expect(new Set(found.map(({ apiKeyId }) => apiKeyId))).toEqual(new Set([key]));
  },
  TIMEOUT,
);
