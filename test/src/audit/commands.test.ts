import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ConfigChange } from '@aisix-observability/evidence';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { waitFor } from '../faults/waiting.ts';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { AUDITOR, type AuditServer, startAuditServer } from './auditServer.ts';
import { writeCacheFile } from './cacheFile.ts';
import { runMain } from './runMain.ts';
import { postSigned, WEBHOOK_SECRET } from './signedDelivery.ts';
import { auditEvent, cacheVersions, storyChanges } from './storyEvents.ts';

const TIMEOUT = 120_000;
const AGENT_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

let rig: AuditServer;
beforeEach(async () => {
  rig = await startAuditServer({
    audit: {
      webhooks: [{ name: 'cloud', path: '/audit/cloud', secrets: [WEBHOOK_SECRET] }],
      agents: [{ name: 'beside-dp-2', secrets: [AGENT_SECRET], environment: 'prod', data_plane: 'dp-2' }],
    },
  });
}, TIMEOUT);
afterEach(() => rig[Symbol.asyncDispose](), TIMEOUT);

async function changes(): Promise<ConfigChange[]> {
  const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 };
  const response = await rig.ask('/changes/search', { ...range, order: 'oldest' }, AUDITOR);
  return ((await response.json()) as { changes: ConfigChange[] }).changes;
}

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
  'an agent beside a data plane tells its changes, also those of a time without server',
  async () => {
    const texts = [...new Set(cacheVersions('story').map(({ text }) => text))];
    const agentFile = join(rig.root, 'agent.yaml');
    writeFileSync(
      agentFile,
      stringify({
        data_dir: join(rig.root, 'agent'),
        redaction: { key: 'redaction-key-of-tests' },
        environments: [{ id: RECORDED_ENVIRONMENT, name: 'prod' }],
        agent: {
          url: `${rig.addresses.ingest}/audit/agent`,
          secret: AGENT_SECRET,
          data_plane: 'dp-2',
          cache_file: rig.cacheFile,
        },
      }),
    );
    writeCacheFile(rig.cacheFile, texts[0] ?? '');
    const agent = runMain('agent', '--config', agentFile);
    try {
      await waitFor('what was there at first', async () => ((await rig.server.status()).audit?.head?.seq ?? 0) > 0, {
        last: agent.output,
      });
      writeCacheFile(rig.cacheFile, texts[1] ?? '');
      const [first] = await waitFor('the first change', async () => {
        const found = await changes();
        return found.length > 0 && found;
      });
      expect(first).toMatchObject({ environment: RECORDED_ENVIRONMENT, dataPlane: 'dp-2', trust: 'observed' });
    } finally {
      expect(await agent.end('SIGTERM'), agent.output()).toBe(0);
    }
  },
  TIMEOUT,
);
