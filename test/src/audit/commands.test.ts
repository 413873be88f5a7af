import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ConfigChange } from '@aisix-observability/evidence';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FAKE_TOKEN } from '../fakes/grafanaAnnotations.ts';
import { type AuditServer, startAuditServer } from './auditServer.ts';
import { runMain } from './runMain.ts';
import { postSigned, WEBHOOK_SECRET } from './signedDelivery.ts';
import { auditEvent, storyChanges } from './storyEvents.ts';

const TIMEOUT = 120_000;

let rig: AuditServer;
beforeEach(async () => {
  rig = await startAuditServer(({ grafana: { url } }) => ({
    audit: { webhooks: [{ name: 'cloud', path: '/audit/cloud', secrets: [WEBHOOK_SECRET] }] },
    annotations: [
      { name: 'main', url, token: FAKE_TOKEN, org_id: 1 },
      { name: 'denied', url, token: 'glsa_of_somebody_else' },
    ],
  }));
}, TIMEOUT);
afterEach(() => rig[Symbol.asyncDispose](), TIMEOUT);

const postStory = () => {
  const now = Date.now();
  const events = storyChanges('story').map((change, index) =>
    auditEvent(change, 'story', now - 30_000 + index * 1000 - Date.parse(change.occurred_at)),
  );
  return postSigned(`${rig.addresses.ingest}/audit/cloud`, events);
};

it(
  '`verify` reads beside the server, and names the first row that somebody changed',
  async () => {
    expect((await postStory()).status).toBe(202);
    const args = ['--config', rig.configFile];
    const whole = runMain('verify', ...args);
    expect(await whole.exit, whole.output()).toBe(0);
    expect(whole.output()).toMatch(/whole: 15 rows[\s\S]*Head: 15:[0-9a-f]{64}/);
    const head = /Head: (\S+)/.exec(whole.output())?.[1] ?? '';

    await rig.server.end('SIGTERM');
    const ledger = new DatabaseSync(join(rig.dataDir, 'changes.db'));
    // Not the ledger, but what is shown of it.
    ledger.exec(`CREATE TEMP TABLE shown AS SELECT id, change FROM changes;
      UPDATE changes SET change = replace(change, '"update"', '"create"')`);
    const shown = runMain('verify', ...args);
    expect(await shown.exit).toBe(1);
    expect(shown.output()).toMatch(/altered table changes at \S+\./);
    ledger.exec('UPDATE changes SET change = shown.change FROM temp.shown WHERE shown.id = changes.id');
    ledger.exec("UPDATE rows SET body = replace(body, 'update', 'create') WHERE seq = 7");
    ledger.close();
    const altered = runMain('verify', ...args);
    expect(await altered.exit).toBe(1);
    expect(altered.output()).toMatch(/Row 7 of the ledger is bad \(row_altered\)/);
    const cut = new DatabaseSync(join(rig.dataDir, 'changes.db'));
    cut.exec('DELETE FROM rows WHERE seq >= 7');
    cut.close();
    const missing = runMain('verify', ...args, '--head', head);
    expect(await missing.exit).toBe(1);
    expect(missing.output()).toMatch(/Row 7 of the ledger is bad \(cut_off\)/);
  },
  TIMEOUT,
);

it(
  '`export changes` writes the same beside the server and without it',
  async () => {
    expect((await postStory()).status).toBe(202);
    const args = ['export', 'changes', '--config', rig.configFile, '--from', '1h', '--filter', 'action=update'];
    const beside = runMain(...args);
    expect(await beside.exit, beside.output()).toBe(0);
    await rig.server.end('SIGTERM');
    const alone = runMain(...args);
    expect(await alone.exit, alone.output()).toBe(0);
    const ids = (output: string) =>
      output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => (JSON.parse(line) as ConfigChange).id);
    expect(ids(beside.output()).length).toBeGreaterThan(3);
    expect(ids(alone.output())).toEqual(ids(beside.output()));
    const csv = runMain(...args, '--format', 'csv');
    expect(await csv.exit).toBe(0);
    expect(csv.output()).toContain('id,occurredAt,observedAt,environment,action');
  },
  TIMEOUT,
);

it(
  '`send-test` tries every output of changes too, names what does not work, and tells the ledger nothing',
  async () => {
    const tested = runMain('send-test', '--config', rig.configFile);
    expect(await tested.exit, tested.output()).toBe(1);
    expect(tested.output()).toMatch(
      /main, annotations at \S+: one of the year 2001 was created, read, moved, read and/,
    );
    expect(tested.output()).toMatch(/denied, annotations at \S+: DOES NOT WORK, 401: the token was not accepted/);
    expect(tested.output()).toMatch(/sink, log events at \S+: delivered\n {2}narrow, log events at \S+: delivered/);
    expect(tested.output()).not.toContain('glsa_');
    expect(rig.grafana.annotations.size).toBe(0);
    const logs = rig.received.filter(({ path }) => path === '/v1/logs').map(({ body }) => body.toString());
    expect(logs.join('')).toContain('aisix-test-');
    expect((await rig.server.status()).audit?.head).toBeUndefined();
  },
  TIMEOUT,
);
