import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ETCD_KINDS, KNOWN_KINDS, plantedDocument, UNKNOWN_KIND } from '@aisix-observability/audit-bridge/testing';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import type { CacheVersion } from './storyEvents.ts';

/** Looks like a provider's key, so that it has to be found wherever it stands; the number says where it came from. */
const canary = (n: number): string => `sk-canary${String(n).padStart(4, '0')}abcdefghijklmnopqrstuvwx`;
export const CANARY = /sk-canary\d{4}/g;
let planted = 0;

/** How many there are. */
export const plantedSoFar = (): number => planted;

export const plant = (): string => {
  planted += 1;
  return canary(planted);
};

/** Looks like nothing: only the allow-lists hold it back. The words of it stand for names of fields. */
const SHAPELESS = 'correct-horse-C4n4ry';
export const SHAPELESS_CANARY = /correct-horse-C\w+/g;

/** A document of any kind with a canary in each of its fields, of the one sort or the other. */
export const plantedKind = (kind: string) => plantedDocument(kind, { shaped: plant, unshaped: SHAPELESS });

/** Names that the gateway's store has for kinds, by the ones of audit events. */
export const STORED_KINDS: Readonly<Record<string, string>> = { ...ETCD_KINDS, [`${UNKNOWN_KIND}s`]: UNKNOWN_KIND };
const ALL_KINDS = [...KNOWN_KINDS, UNKNOWN_KIND];

/** The value with every text and number in it replaced by a canary, beside an unknown key with one. */
export function plantedIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plantedIn);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries([
      ...Object.entries(value).map(([key, inner]) => [key, plantedIn(inner)]),
      ['unknown_key', plant()],
      [plant(), 1],
    ]);
  }
  return typeof value === 'string' ? plant() : value;
}

export const DOCUMENT = {
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

export function event(kind: string, more: object) {
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

export const KINDS = [
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
export function events(): object[] {
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
    event(kind, { id: plant(), before: plantedIn(DOCUMENT), after: plantedIn(DOCUMENT) }),
  );
  const everyField = ALL_KINDS.flatMap((kind) => [
    event(kind, { id: plant(), before: { ...plantedKind(kind), more: 1 }, after: plantedKind(kind) }),
    event(kind, { id: plant(), changes: [{ path: `/${SHAPELESS}`, before: SHAPELESS, after: plantedKind(kind) }] }),
  ]);
  return [...full, ...documents, ...everyField];
}

/** A version of a cache file with a canary in every text of every document and beside every key. */
export function poisoned({ text }: CacheVersion): string {
  const version = JSON.parse(text) as {
    entries: { readonly key: string; readonly value_b64: string; readonly revision: number }[];
  };
  return JSON.stringify({
    ...version,
    [plant()]: plant(),
    entries: [
      ...everyKind(version.entries[0]?.key ?? ''),
      ...version.entries.map(({ key, value_b64, revision }) => {
        const document: unknown = JSON.parse(Buffer.from(value_b64, 'base64').toString());
        const bytes = Buffer.from(JSON.stringify(plantedIn(document)));
        return { key, value_b64: bytes.toString('base64'), revision: revision + planted, [plant()]: plant() };
      }),
    ],
  });
}

/** One more entry of each kind, beside a recorded one. */
function everyKind(beside: string) {
  return Object.entries(STORED_KINDS).map(([stored, kind]) => ({
    key: [...beside.split('/').slice(0, -2), stored, `planted-${kind}`].join('/'),
    value_b64: Buffer.from(JSON.stringify(plantedKind(kind))).toString('base64'),
    revision: 1_000_000 + planted,
  }));
}

/** What lies in a directory, by path. */
export function contentsOf(directory: string): (readonly [path: string, text: string])[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return contentsOf(path);
    // Files of a process that runs come and go.
    return stats?.isFile() ? [[path, readFileSync(path).toString('latin1')] as const] : [];
  });
}
