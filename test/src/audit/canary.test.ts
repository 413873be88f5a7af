import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '../faults/waiting.ts';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { AUDITOR, type AuditServer, startAuditServer, VIEWER } from './auditServer.ts';
import { writeCacheFile } from './cacheFile.ts';
import { postSigned } from './signedDelivery.ts';
import { cacheVersions } from './storyEvents.ts';

const TIMEOUT = 120_000;

/** Looks like a provider's key, so that it has to be found wherever it stands; the number says where it came from. */
const canary = (n: number): string => `sk-canary${String(n).padStart(4, '0')}abcdefghijklmnopqrstuvwx`;
const CANARY = /sk-canary\d{4}/g;
let planted = 0;
const plant = (): string => {
  planted += 1;
  return canary(planted);
};

let rig: AuditServer;
beforeEach(async () => {
  rig = await startAuditServer();
}, TIMEOUT);
afterEach(() => rig[Symbol.asyncDispose](), TIMEOUT);

/** The value with every text and number in it replaced by a canary, beside an unknown key with one. */
function planted_in(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(planted_in);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries([
      ...Object.entries(value).map(([key, inner]) => [key, planted_in(inner)]),
      ['unknown_key', plant()],
      [plant(), 1],
    ]);
  }
  return typeof value === 'string' ? plant() : value;
}

const DOCUMENT = {
  display_name: 'name',
  name: 'name',
  provider: 'openai',
  api_base: 'https://host/path',
  secret: 'secret',
  headers: { authorization: 'x', 'x-api-key': 'y' },
  routing: { strategy: 'failover', targets: [{ model: 'm', weight: 1 }] },
  patterns: ['p'],
  allowed_models: ['m'],
};

function event(kind: string, more: object) {
  return {
    schema_version: '1.0',
    id: `evt-${planted}-${kind}`,
    occurred_at: new Date().toISOString(),
    action: 'update',
    resource: { type: kind, id: `id-${kind}` },
    environment: { id: RECORDED_ENVIRONMENT },
    ...more,
  };
}

const KINDS = [
  'model',
  'provider_key',
  'api_key',
  'guardrail',
  'mcp_server',
  'cache_policy',
  'organization',
  'budget',
  'something_new',
];

/** Every event that is taken, with canaries in each of its fields once. */
function events(): object[] {
  const full = KINDS.map((kind) =>
    event(kind, {
      event_type: plant(),
      actor: {
        type: plant(),
        id: plant(),
        email: `${plant()}@example.com`,
        name: plant(),
        role: plant(),
        token_name: plant(),
      },
      resource: { type: kind, id: plant(), name: plant(), [plant()]: plant() },
      organization: { id: plant(), name: plant() },
      changes: [{ path: `/${plant()}`, before: plant(), after: { [plant()]: plant() } }],
      source: plant(),
      source_ip: plant(),
      user_agent: plant(),
      request_id: plant(),
      result: 'failure',
      error: `it failed with ${plant()} at https://user:${plant()}@host/?key=${plant()}`,
      [plant()]: plant(),
    }),
  );
  const documents = KINDS.map((kind) =>
    event(kind, { id: plant(), before: planted_in(DOCUMENT), after: planted_in(DOCUMENT) }),
  );
  return [...full, ...documents];
}

function filesIn(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const stats = statSync(path);
    return stats.isDirectory() ? filesIn(path) : stats.isFile() ? [path] : [];
  });
}

it(
  'no secret that any input brings is in any output, any log line or any file of the data directory',
  async () => {
    const url = `${rig.addresses.ingest}/audit/cloud`;
    const answers: string[] = [];
    const post = async (body: unknown, options: Parameters<typeof postSigned>[2] = {}) => {
      const response = await postSigned(url, body, options);
      answers.push(await response.text(), JSON.stringify([...response.headers]));
      return response.status;
    };
    expect(await post(events())).toBe(202);
    // The same as CloudEvents and NDJSON, and everything that is refused.
    const envelope = (data: unknown) => ({
      specversion: '1.0',
      type: plant(),
      source: `/${plant()}`,
      id: plant(),
      subject: plant(),
      datacontenttype: 'application/json',
      data,
    });
    await post(events().map(envelope), { contentType: 'application/cloudevents-batch+json' });
    await post(
      events()
        .map((each) => JSON.stringify(each))
        .join('\n'),
      { contentType: 'application/x-ndjson' },
    );
    for (const bad of [
      plant(),
      { [plant()]: plant() },
      { ...event('model', {}), schema_version: plant() },
      { ...event('model', {}), occurred_at: plant() },
      { ...event('model', {}), action: plant() },
      [plant()],
      `{"${plant()}`,
    ]) {
      await post(bad);
    }
    await post(event(plant(), {}), { contentType: plant() });
    await post(event('model', {}), { id: plant() });
    await post(event('model', {}), { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` });

    // A cache file with a canary in every text of every document, then another one.
    const version = JSON.parse(cacheVersions('story')[0]?.text ?? '{}') as {
      entries: { key: string; value: unknown }[];
    };
    const poisoned = () => ({
      ...version,
      [plant()]: plant(),
      entries: version.entries.map((entry) => ({ ...entry, value: planted_in(entry.value), [plant()]: plant() })),
    });
    writeCacheFile(rig.cacheFile, JSON.stringify(poisoned()));
    await waitFor('the first look', async () =>
      (await rig.server.status()).audit?.feeds.some(({ name, heardAt }) => name === 'cache' && heardAt !== undefined),
    );
    const rows = async () => (await rig.server.status()).audit?.head?.seq ?? 0;
    const before = await rows();
    writeCacheFile(rig.cacheFile, JSON.stringify(poisoned()));
    await waitFor('what changed in the file', async () => (await rows()) > before);
    writeCacheFile(rig.cacheFile, `{"${plant()}": `);

    const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 };
    const asked = async (path: string, body: unknown, token: string, method?: string) => {
      const response = await rig.ask(path, body, token, method);
      const text = await response.text();
      answers.push(text);
      return text;
    };
    const { changes } = JSON.parse(await asked('/changes/search', { ...range, limit: 1000 }, AUDITOR)) as {
      changes: { id: string }[];
    };
    expect(changes.length).toBeGreaterThan(KINDS.length);
    const [first] = changes;
    await asked('/changes/get', { id: first?.id }, AUDITOR);
    await asked('/changes/verdict', { id: first?.id, value: 'confirmed', note: `it was ${plant()}` }, AUDITOR, 'PUT');
    await asked('/changes/search', { ...range, filters: [{ field: plant(), op: 'eq', value: plant() }] }, AUDITOR);
    answers.splice(answers.length - 1);
    await asked('/markers/search', range, VIEWER);
    answers.push(JSON.stringify(await rig.server.status()), await rig.server.metrics());
    await waitFor('annotations and log events', async () => {
      const { audit } = await rig.server.status();
      return (
        rig.received.some(({ path }) => path === '/v1/logs') &&
        audit?.annotations.every(({ waiting }) => waiting === 0) &&
        audit.logDestinations.every(({ backlogRows }) => backlogRows === 0)
      );
    });

    const annotated = rig.grafana.requests.map((request) => JSON.stringify(request));
    const sent = rig.received.map(({ body, headers }) => `${body.toString('latin1')} ${JSON.stringify(headers)}`);
    const logged = [...rig.server.log.map((line) => JSON.stringify(line)), ...rig.server.noise];
    const open = filesIn(rig.dataDir).map((path) => [path, readFileSync(path).toString('latin1')] as const);
    await rig.server.end('SIGKILL');
    const killed = filesIn(rig.dataDir).map((path) => [path, readFileSync(path).toString('latin1')] as const);
    expect(killed.some(([path]) => path.endsWith('changes.db-wal'))).toBe(true);
    const everything: (readonly [string, string])[] = [
      ...answers.map((text) => ['answer', text] as const),
      ...annotated.map((text) => ['grafana', text] as const),
      ...sent.map((text) => ['backend', text] as const),
      ...logged.map((text) => ['log', text] as const),
      ...open,
      ...killed,
    ];
    const leaks = everything.flatMap(([where, text]) =>
      (text.match(CANARY) ?? []).map((found) => `${where}: ${found}`),
    );
    expect([...new Set(leaks)]).toEqual([]);
    // The search itself can find: names that were allowed are there.
    expect(killed.some(([, text]) => text.includes('hmac:'))).toBe(true);
    expect(planted).toBeGreaterThan(300);
  },
  TIMEOUT,
);
