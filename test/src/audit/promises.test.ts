import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openLedger } from '@aisix-observability/audit-bridge';
import type { ConfigChange } from '@aisix-observability/evidence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../faults/waiting.ts';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { AUDITOR, type AuditServer, startAuditServer, VIEWER } from './auditServer.ts';
import { writeCacheFile } from './cacheFile.ts';
import { runMain } from './runMain.ts';
import { postSigned, WEBHOOK_SECRET } from './signedDelivery.ts';

const TIMEOUT = 120_000;
const BATCHES = 40;

let rig: AuditServer;
beforeAll(async () => {
  rig = await startAuditServer(({ cacheFile }) => {
    // Waiting does not mend it: a gap at once.
    writeCacheFile(cacheFile, '{"version":2,"revision":1,"entries":[]}');
    return {
      store: { driver: 'none' },
      audit: {
        publish_head: '1s',
        webhooks: [{ name: 'cloud', path: '/audit/cloud', secrets: [WEBHOOK_SECRET] }],
        watch: [{ name: 'cache', kind: 'config_cache', path: cacheFile, environment: 'prod', data_plane: 'dp-1' }],
      },
    };
  });
}, TIMEOUT);
afterAll(() => rig[Symbol.asyncDispose](), TIMEOUT);

const event = (id: string, more: object = {}) => ({
  schema_version: '1.0',
  id,
  occurred_at: new Date(Date.now() - 60_000).toISOString(),
  action: 'update',
  resource: { type: 'model', id: `model-${id}`, name: 'a-model' },
  environment: { id: RECORDED_ENVIRONMENT },
  ...more,
});
const post = (body: unknown) => postSigned(`${rig.addresses.ingest}/audit/cloud`, body);

interface Answer {
  readonly changes: readonly ConfigChange[];
  readonly markers: readonly { readonly count: number }[];
  readonly gaps: readonly { readonly feed: string; readonly from: number; readonly to?: number }[];
}

async function search(path: string, token: string): Promise<Answer> {
  const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000, limit: 1000 };
  const response = await rig.ask(path, range, token);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

interface Logs {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly eventName?: string;
        readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
      }[];
    }[];
  }[];
}

/** Heads of the ledger that the backend was told. */
const heads = () =>
  rig.received
    .filter(({ path }) => path === '/v1/logs')
    .flatMap(({ body }) => (JSON.parse(body.toString()) as Logs).resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .filter(({ eventName }) => eventName === 'aisix.ledger.head')
    .map(({ attributes }) => {
      const told = (name: string) => Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0];
      return { seq: Number(told('aisix.ledger.seq')), hash: String(told('aisix.ledger.hash')) };
    });

describe('a server that keeps no requests', () => {
  it(
    'stores an event once that a hundred senders bring, draws it once, and keeps what contradicts it',
    async () => {
      const once = event('once');
      const answers = await Promise.all(Array.from({ length: 100 }, () => post(once)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      const other = await post({ ...once, action: 'delete' });
      expect([other.status, await other.json()]).toMatchObject([409, { error: { code: 'conflict' } }]);
      const { changes } = await search('/changes/search', AUDITOR);
      expect(changes).toMatchObject([{ resource: { id: 'model-once' }, conflict: true }]);
      expect(await rig.server.metrics()).toMatch(/aisix_audit_conflicts\w*\{[^}]*\} [1-9]/);
      await waitFor('the marker to be drawn', () => rig.texts().length > 0);
      expect(rig.texts()).toHaveLength(1);
    },
    TIMEOUT,
  );

  it(
    'answers for changes and markers, and says of requests why not',
    async () => {
      expect((await search('/markers/search', VIEWER)).markers).toMatchObject([{ count: 1 }]);
      const refused = await rig.ask('/requests/search', { from: 0, to: 1 }, VIEWER);
      expect([refused.status, await refused.json()]).toMatchObject([404, { error: { code: 'requests_off' } }]);
    },
    TIMEOUT,
  );

  it(
    'shows since when a feed is silent, to audit readers and viewers alike',
    async () => {
      const silent = async (path: string, token: string) =>
        (await search(path, token)).gaps.find(({ feed, to }) => feed === 'cache' && to === undefined);
      const gap = await waitFor('the gap', () => silent('/changes/search', AUDITOR));
      expect(await silent('/markers/search', VIEWER)).toEqual(gap);
      expect(Math.abs(gap.from - Date.now())).toBeLessThan(TIMEOUT);
      expect((await rig.server.status()).audit?.silent).toMatchObject([
        { feed: { name: 'cache' }, reason: 'cache_file_newer' },
      ]);
    },
    TIMEOUT,
  );

  it(
    'that is killed between writing and answering has each event once when its sender tries again',
    async () => {
      const batches = Array.from({ length: BATCHES }, (_, batch) =>
        Array.from({ length: 5 }, (_, n) => event(`batch-${batch}-${n}`)),
      );
      let answered = 0;
      const sent = batches.map((batch) =>
        post(batch).then(
          () => {
            answered += 1;
          },
          () => {},
        ),
      );
      await waitFor('some answers', () => answered >= 5, { everyMillis: 1 });
      await rig.server.end('SIGKILL');
      await Promise.all(sent);
      expect(answered).toBeLessThan(BATCHES);
      await rig.restart();
      for (const batch of batches) expect((await post(batch)).status).toBe(202);
      const told = (await search('/changes/search', AUDITOR)).changes.filter(({ resource }) =>
        resource.id?.startsWith('model-batch-'),
      );
      expect(told).toHaveLength(BATCHES * 5);
      expect(told.every(({ conflict }) => !conflict)).toBe(true);
    },
    TIMEOUT,
  );

  it(
    'publishes the end of its chain now and then and when it stops, and is held to it',
    async () => {
      const rows = async () => (await rig.server.status()).audit?.head?.seq ?? 0;
      const before = await rows();
      await waitFor('the head after all that', () => heads().some(({ seq }) => seq >= before));
      await post(event('the-last'));
      const last = await rows();
      expect(await (await rig.server.end('SIGTERM')).code).toBe(0);
      const published = heads().find(({ seq }) => seq >= last);
      expect(published).toBeDefined();

      const head = `${published?.seq}:${published?.hash}`;
      const whole = runMain('verify', '--config', rig.configFile, '--head', head);
      expect(await whole.exit, whole.output()).toBe(0);
      // Whoever may write the file may also write what it handed out, and make all else follow from what is left: what
      // lies at the backend stays.
      const file = join(rig.dataDir, 'changes.db');
      const left = (published?.seq ?? 0) - 3;
      const tampered = new DatabaseSync(file);
      tampered.exec(`
        DELETE FROM rows WHERE seq > ${left};
        DELETE FROM observation_ids WHERE seq > ${left};
        UPDATE meta SET value = (SELECT json_object('seq', seq, 'at', at, 'hash', lower(hex(hash))) FROM rows
          WHERE seq = ${left}) WHERE key = 'published_head'`);
      tampered.close();
      const beside = runMain('verify', '--config', rig.configFile);
      expect(await beside.exit).toBe(1);
      expect(beside.output()).toMatch(/not_from_rows/);
      const ledger = openLedger(file);
      ledger.rebuild();
      await ledger.close();
      const alone = runMain('verify', '--config', rig.configFile);
      expect(await alone.exit, alone.output()).toBe(0);
      const cut = runMain('verify', '--config', rig.configFile, '--head', head);
      expect(await cut.exit).toBe(1);
      expect(cut.output()).toMatch(/cut_off/);
    },
    TIMEOUT,
  );
});
