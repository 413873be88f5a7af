import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FAKE_TOKEN } from '../fakes/grafanaAnnotations.ts';
import { waitFor } from '../faults/waiting.ts';
import { AGENT_SECRET, AGENTS, type AgentRig, agentRig } from './agentRig.ts';
import { AUDITOR, type AuditServer, startAuditServer, TELEMETRY_TOKEN, VIEWER } from './auditServer.ts';
import { writeCacheFile } from './cacheFile.ts';
import {
  CANARY,
  contentsOf,
  event,
  events,
  KINDS,
  plant,
  plantedSoFar,
  poisoned,
  SHAPELESS_CANARY,
  STORED_KINDS,
} from './canaries.ts';
import { type PoisonedSources, poisonedResources, startPoisonedSources } from './poisonedSources.ts';
import { postSigned, WEBHOOK_SECRET } from './signedDelivery.ts';
import { cacheVersions } from './storyEvents.ts';

const TIMEOUT = 180_000;
const POLL_TOKEN = 'poll-token-of-the-tests';
/** Of the configuration: these are no less secret than what comes in. */
const CONFIGURED = [
  POLL_TOKEN,
  AGENT_SECRET,
  WEBHOOK_SECRET,
  'redaction-key-of-tests',
  TELEMETRY_TOKEN,
  AUDITOR,
  FAKE_TOKEN,
];

let rig: AuditServer;
let agent: AgentRig;
let sources: PoisonedSources;
let resourcesFile: string;
/** Everything that came out, by where. */
const everything: (readonly [where: string, text: string])[] = [];
const version = cacheVersions('story')[0] ?? { at: 0, text: '{"entries":[]}' };

beforeEach(async () => {
  everything.length = 0;
  sources = await startPoisonedSources();
  const common = { environment: 'prod', interval: '300ms' };
  rig = await startAuditServer(({ root, cacheFile, grafana }) => {
    resourcesFile = join(root, 'resources.yaml');
    writeCacheFile(cacheFile, poisoned(version));
    writeFileSync(resourcesFile, poisonedResources());
    return {
      audit: {
        webhooks: [{ name: 'cloud', path: '/audit/cloud', secrets: [WEBHOOK_SECRET] }],
        agents: AGENTS,
        watch: [
          { ...common, name: 'cache', kind: 'config_cache', path: cacheFile, data_plane: 'dp-1' },
          { ...common, name: 'yaml', kind: 'resources_file', path: resourcesFile },
          { ...common, name: 'etcd', kind: 'etcd', endpoints: [sources.url], prefix: '/aisix/prod' },
          { ...common, name: 'status', kind: 'status', url: `${sources.url}/status/config`, data_plane: 'dp-1' },
        ],
        poll: [
          {
            name: 'poll',
            preset: 'api7_enterprise',
            url: `${sources.url}/poll?key=${plant()}`,
            token: POLL_TOKEN,
            environment: 'prod',
            interval: '1s',
          },
        ],
      },
      annotations: [{ name: 'main', url: grafana.url, token: FAKE_TOKEN, org_id: 1, detail: 'named' }],
    };
  });
  agent = await agentRig(rig, {
    interval: '100ms',
    resources_file: resourcesFile,
    status_url: `${sources.url}/status/config`,
  });
}, TIMEOUT);
afterEach(async () => {
  await agent.close();
  await rig[Symbol.asyncDispose]();
  sources.close();
}, TIMEOUT);

const rows = async () => (await rig.server.status()).audit?.head?.seq ?? 0;

async function postEvents(): Promise<void> {
  const url = `${rig.addresses.ingest}/audit/cloud`;
  const post = async (body: unknown, options: Parameters<typeof postSigned>[2] = {}) => {
    const response = await postSigned(url, body, options);
    everything.push(['answer', `${await response.text()} ${JSON.stringify([...response.headers])}`]);
    return response.status;
  };
  expect(await post(events())).toBe(202);
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
  const lines = events().map((each) => JSON.stringify(each));
  await post(lines.join('\n'), { contentType: 'application/x-ndjson' });
  // Everything that is refused.
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
}

/** What the gateway says of a request: spans are made of it. */
async function postTelemetry(): Promise<void> {
  const response = await fetch(`${rig.addresses.ingest}/dp/telemetry`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${TELEMETRY_TOKEN}`,
      'x-aisix-environment': 'prod',
    },
    body: JSON.stringify({
      events: [
        {
          request_id: 'poisoned-request',
          trace_id: 'a'.repeat(32),
          occurred_at: new Date().toISOString(),
          requested_model: 'gpt-4o',
          status_code: 502,
          attempt_index: 0,
          attempt_kind: 'initial',
          error_class: 'upstream_error',
          error_message: `upstream said ${plant()} at https://user:${plant()}@host/?key=${plant()}`,
          client_user_agent: `client/${plant()}`,
          content: plant(),
          [plant()]: plant(),
        },
      ],
    }),
  });
  expect(response.status).toBe(200);
}

async function askEverything(): Promise<void> {
  const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 };
  const asked = async (path: string, body: unknown, token: string, method?: string) => {
    const text = await (await rig.ask(path, body, token, method)).text();
    everything.push(['answer', text]);
    return text;
  };
  const { changes } = JSON.parse(await asked('/changes/search', { ...range, limit: 1000 }, AUDITOR)) as {
    changes: { id: string }[];
  };
  expect(changes.length).toBeGreaterThan(KINDS.length);
  const id = changes[0]?.id;
  await asked('/changes/get', { id }, AUDITOR);
  await asked('/changes/verdict', { id, value: 'confirmed', note: `it was ${plant()}` }, AUDITOR, 'PUT');
  await asked('/markers/search', range, VIEWER);
  await asked('/requests/search', { ...range, filters: [] }, VIEWER);
  everything.push(['answer', JSON.stringify(await rig.server.status())], ['answer', await rig.server.metrics()]);
}

it(
  'no secret that any input brings is in any output, any log line or any file of the server or an agent',
  async () => {
    // The agent first, alone: what it cannot hand over lies in its spool when it is killed.
    agent.network.state = 'down';
    writeCacheFile(agent.cacheFile, poisoned(version));
    agent.start();
    await waitFor('the agent’s first look', () => agent.remembered() !== '', { last: agent.output });
    const first = agent.remembered();
    writeCacheFile(agent.cacheFile, poisoned(version));
    await waitFor('the agent’s second look', () => agent.remembered() !== first, { last: agent.output });
    everything.push(...contentsOf(agent.dataDir));
    await agent.end('SIGKILL');
    const spool = contentsOf(agent.dataDir);
    everything.push(...spool);
    expect(spool.some(([path, text]) => path.includes('spool.db') && text.includes('hmac:'))).toBe(true);
    agent.network.state = 'up';
    agent.start();

    await postTelemetry();
    await postEvents();
    const heard = async () => {
      const { audit } = await rig.server.status();
      return audit?.feeds.every(({ heardAt }) => heardAt !== undefined) && audit;
    };
    await waitFor('a look at everything', heard, { last: async () => (await rig.server.status()).audit?.feeds });
    await waitFor('the agent to be heard', async () =>
      /aisix_audit_events_accepted\w*\{[^}]*beside-dp-2/.test(await rig.server.metrics()),
    );
    const before = await rows();
    writeCacheFile(rig.cacheFile, poisoned(version));
    writeFileSync(resourcesFile, poisonedResources());
    await waitFor('what changed meanwhile', async () => (await rows()) > before + 20);
    await waitFor('each to be asked again', () =>
      ['poll', 'v3', 'status'].every((place) => (sources.asked.get(place) ?? 0) > 2),
    );
    await askEverything();

    // Then everything goes wrong, and the errors quote what they have.
    sources.fail();
    writeCacheFile(rig.cacheFile, `{"${plant()}": `);
    writeFileSync(resourcesFile, `_format_version: "1"\nmodels: [{${plant()}: ${plant()}`);
    await waitFor('failures', async () => {
      const { audit } = await rig.server.status();
      return audit?.feeds.filter(({ state }) => state === 'failing').length === 5;
    });
    await waitFor('annotations, spans and log events', async () => {
      const { audit } = await rig.server.status();
      return (
        rig.received.some(({ path }) => path === '/v1/logs') &&
        rig.received.some(({ path }) => path === '/v1/traces') &&
        audit?.annotations.every(({ waiting }) => waiting === 0) &&
        audit.logDestinations.every(({ backlogRows }) => backlogRows === 0)
      );
    });
    everything.push(['answer', JSON.stringify(await rig.server.status())], ['answer', await rig.server.metrics()]);

    everything.push(
      ...rig.grafana.requests.map(({ path, body }) => ['grafana', `${path} ${body}`] as const),
      ...rig.received.map(({ body, headers }) => ['backend', `${body} ${JSON.stringify(headers)}`] as const),
      ...rig.server.log.map((line) => ['log', JSON.stringify(line)] as const),
      ...rig.server.noise.map((line) => ['log', line] as const),
      ['log of the agent', agent.output()],
      ...contentsOf(rig.dataDir),
    );
    await Promise.all([rig.server.end('SIGKILL'), agent.end('SIGKILL')]);
    const killed = [...contentsOf(rig.dataDir), ...contentsOf(agent.dataDir)];
    expect(killed.some(([path]) => path.endsWith('changes.db-wal'))).toBe(true);
    everything.push(...killed);

    const leaks = everything.flatMap(([where, text]) => [
      ...(text.match(CANARY) ?? []).map((found) => `${where}: ${found}`),
      ...(text.match(SHAPELESS_CANARY) ?? []).map((found) => `${where}: ${found}`),
      ...CONFIGURED.filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret}`),
    ]);
    expect([...new Set(leaks)]).toEqual([]);
    // The search itself can find: what was hashed is there, and so is each output.
    for (const where of ['answer', 'grafana', 'backend', 'log', 'log of the agent']) {
      expect(
        everything.some(([place]) => place === where),
        where,
      ).toBe(true);
    }
    expect(killed.some(([, text]) => text.includes('hmac:'))).toBe(true);
    const ledger = killed.flatMap(([path, text]) => (path.includes('changes.db') ? [text] : [])).join('');
    // Of the agent by the beginning: it tells which of its watchers it was.
    for (const feed of ['cloud', 'cache', 'yaml', 'etcd', 'status', 'poll', 'beside-dp-2']) {
      expect(ledger.includes(`"name":"${feed}`), feed).toBe(true);
    }
    for (const kind of Object.values(STORED_KINDS)) expect(ledger.includes(`planted-${kind}`), kind).toBe(true);
    expect(plantedSoFar()).toBeGreaterThan(1000);
  },
  TIMEOUT,
);
