import { mkdtempSync, rmSync } from 'node:fs';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createEtcdWatcher,
  createKeyedHash,
  createRedactor,
  fileWatchMemory,
  type Observation,
} from '@aisix-observability/audit-bridge';
import { silentLog, silentRecorder, systemClock } from '@aisix-observability/pipeline';
import { expect, it, onTestFinished } from 'vitest';
import { issueCertificate } from '../../../server/src/testing/issueCertificate.ts';

const authority = issueCertificate({ name: 'authority' });
const server = issueCertificate({ name: 'etcd', issuer: authority, alternativeNames: ['IP:127.0.0.1'] });
const client = issueCertificate({ name: 'bridge', issuer: authority });
const stranger = issueCertificate({ name: 'bridge', issuer: issueCertificate({ name: 'another authority' }) });

const PAGE = {
  header: { revision: '7' },
  kvs: [
    {
      key: Buffer.from('/aisix/prod/models/m1').toString('base64'),
      mod_revision: '5',
      value: Buffer.from('{"display_name":"one"}').toString('base64'),
    },
  ],
};

async function startEtcd(): Promise<string> {
  const etcd = https.createServer(
    { cert: server.cert, key: server.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    (_, response) => response.end(JSON.stringify(PAGE)),
  );
  await new Promise<void>((resolve) => etcd.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    etcd.closeAllConnections();
    etcd.close();
  });
  return `https://127.0.0.1:${(etcd.address() as AddressInfo).port}`;
}

it.each([
  ['with a certificate that etcd trusts', { ca: authority.cert, cert: client.cert, key: client.key }, undefined],
  ['without one', { ca: authority.cert }, 'etcd_unreachable'],
  ['with one of a stranger', { ca: authority.cert, cert: stranger.cert, key: stranger.key }, 'etcd_unreachable'],
  ['without trusting etcd', { cert: client.cert, key: client.key }, 'etcd_unreachable'],
])('etcd is read over TLS %s', async (_, tls, fault) => {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const observations: Observation[] = [];
  const watcher = createEtcdWatcher({
    name: 'etcd',
    url: await startEtcd(),
    tls,
    prefix: '/aisix/prod/',
    environment: 'prod',
    memory: fileWatchMemory(folder, 'etcd'),
    redactor: createRedactor({ hash: createKeyedHash('key of this test') }),
    clock: systemClock,
    log: silentLog,
    recorder: silentRecorder,
    observe: async (told) => {
      observations.push(...told);
      return { stored: told.length, repeated: 0, conflicts: [] };
    },
  });
  await watcher.look();
  await watcher.close();
  expect(watcher.health().fault?.code).toBe(fault);
  expect(observations.map(({ type }) => type)).toEqual(fault === undefined ? ['present'] : []);
});
