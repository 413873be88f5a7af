import { POLL_PRESETS, type PollSource } from '@aisix-observability/audit-bridge';
import { AGENT_PATH, type WatchKind } from './audit.ts';
import type { ConfigPath } from './interpolate.ts';
import { type CrossProblem, items, record } from './rawDocument.ts';

type WatchKey = 'path' | 'url' | 'endpoints' | 'prefix' | 'tls' | 'data_plane';

/** Keys that only some kinds of `audit.watch` have: `needed`, or `allowed`. */
const KEYS_OF_KIND: Readonly<Record<WatchKind, Partial<Record<WatchKey, 'needed' | 'allowed'>>>> = {
  config_cache: { path: 'needed', data_plane: 'needed' },
  resources_file: { path: 'needed', data_plane: 'allowed' },
  etcd: { endpoints: 'needed', prefix: 'needed', tls: 'allowed' },
  status: { url: 'needed', data_plane: 'needed' },
};
const WATCH_KEYS: readonly WatchKey[] = ['path', 'url', 'endpoints', 'prefix', 'tls', 'data_plane'];

/** Checks of `audit` and `annotations` that reach across entries and sections. Tolerates any shape. */
export function checkAudit(file: Readonly<Record<string, unknown>>): CrossProblem[] {
  const audit = record(file.audit);
  const problems: CrossProblem[] = [
    ...checkWatch(items(audit.watch)),
    ...checkPoll(items(audit.poll)),
    ...unique(
      listed(audit, ['webhooks', 'agents', 'watch', 'poll']),
      'name',
      'a name that no other feed of `audit` has',
    ),
    ...unique(listed(audit, ['webhooks']), 'path', 'a path that no other webhook has'),
    ...unique(listed(audit, ['agents']), 'data_plane', 'a data plane that no other agent has'),
    ...unique(
      items(file.annotations).map((entry, index) => ({ entry, path: ['annotations', index] })),
      'name',
      'a name that no other target has',
    ),
  ];
  for (const [index, target] of items(file.annotations).entries()) {
    const { environments } = record(target);
    if (Array.isArray(environments) && environments.length === 0) {
      problems.push({ path: ['annotations', index, 'environments'], expected: 'at least one, or no such key' });
    }
  }
  for (const { entry, path } of listed(audit, ['webhooks', 'agents'])) {
    const { secrets } = record(entry);
    if (Array.isArray(secrets) && secrets.length === 0) {
      problems.push({ path: [...path, 'secrets'], expected: 'at least one secret' });
    }
  }
  for (const { entry, path } of listed(audit, ['webhooks'])) {
    if (record(entry).path === AGENT_PATH) {
      problems.push({ path: [...path, 'path'], expected: `another path: agents post to \`${AGENT_PATH}\`` });
    }
  }
  if (items(file.annotations).length > 0 && file.audit === undefined) {
    problems.push({
      path: ['annotations'],
      found: 'targets, and no section `audit`',
      expected: 'a section `audit` that says where changes come from',
    });
  }
  for (const [index, destination] of items(file.destinations).entries()) {
    const { signals } = record(destination);
    if (Array.isArray(signals) && signals.length === 0) {
      problems.push({ path: ['destinations', index, 'signals'], expected: 'at least one signal, or no such key' });
    }
  }
  problems.push(...checkAgent(file));
  return problems;
}

/** What is hashed there is compared here, so both need one key. */
function checkAgent(file: Readonly<Record<string, unknown>>): CrossProblem[] {
  if (file.agent === undefined) return [];
  const agent = record(file.agent);
  const { key, key_file: keyFile } = record(file.redaction);
  const sources = ['cache_file', 'resources_file', 'status_url'];
  return [
    ...(key === undefined && keyFile === undefined
      ? [
          {
            path: ['redaction'],
            found: 'no key',
            expected: '`redaction.key` or `redaction.key_file`: the one of the server',
          },
        ]
      : []),
    ...(sources.every((source) => agent[source] === undefined)
      ? [{ path: ['agent'], found: 'nothing to watch', expected: `at least one of ${sources.join(', ')}` }]
      : []),
  ];
}

function checkWatch(entries: readonly unknown[]): CrossProblem[] {
  return entries.flatMap((item, index) => {
    const entry = record(item);
    const path: ConfigPath = ['audit', 'watch', index];
    if (typeof entry.kind !== 'string' || !Object.hasOwn(KEYS_OF_KIND, entry.kind)) return [];
    const kind = entry.kind as WatchKind;
    const keys = KEYS_OF_KIND[kind];
    const problems: CrossProblem[] = [];
    for (const key of WATCH_KEYS) {
      if (keys[key] === 'needed' && entry[key] === undefined) {
        problems.push({ path: [...path, key], expected: `\`${key}\`, which a watcher of kind ${kind} needs` });
      } else if (keys[key] === undefined && entry[key] !== undefined) {
        problems.push({
          path: [...path, key],
          found: `\`${key}\` at a watcher of kind ${kind}`,
          expected: `only ${Object.keys(keys).join(', ')}, beside name, environment and interval`,
        });
      }
    }
    if (kind === 'etcd' && Array.isArray(entry.endpoints) && entry.endpoints.length === 0) {
      problems.push({ path: [...path, 'endpoints'], expected: 'at least one endpoint' });
    }
    return problems;
  });
}

/** What neither the file nor a preset says, and has to be said. */
function checkPoll(entries: readonly unknown[]): CrossProblem[] {
  return entries.flatMap((item, index) => {
    const entry = record(item);
    const path: ConfigPath = ['audit', 'poll', index];
    const preset = presetOf(entry.preset);
    // What is wrong with the preset's name is said elsewhere.
    if (entry.preset !== undefined && preset === undefined) return [];
    return [...checkShape(entry, path, preset), ...checkPaging(record(entry.paging), path, preset)];
  });
}

function presetOf(name: unknown): PollSource | undefined {
  return Object.entries(POLL_PRESETS).find(([known]) => known === name)?.[1];
}

function checkShape(
  entry: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  preset: PollSource | undefined,
): CrossProblem[] {
  if (entry.fields !== undefined && entry.format !== undefined) {
    return [{ path: [...path, 'fields'], found: '`format`, too', expected: '`format` or `fields`' }];
  }
  if (entry.fields === undefined) {
    if (entry.format !== undefined || preset !== undefined) return [];
    return [{ path: [...path, 'fields'], expected: '`preset`, `format`, or `fields` with `id` and `occurred_at`' }];
  }
  // A preset with a shape of its own has both.
  if (typeof preset?.shape === 'object') return [];
  const fields = record(entry.fields);
  return ['id', 'occurred_at']
    .filter((key) => fields[key] === undefined)
    .map((key) => ({ path: [...path, 'fields', key], expected: 'a JSON pointer like `/id`' }));
}

function checkPaging(
  paging: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  preset: PollSource | undefined,
): CrossProblem[] {
  if (paging.type === preset?.paging.type) return [];
  const needed = paging.type === 'page' ? ['param'] : paging.type === 'cursor' ? ['param', 'next'] : [];
  return needed
    .filter((key) => paging[key] === undefined)
    .map((key) => ({ path: [...path, 'paging', key], expected: `\`${key}\`, which this paging needs` }));
}

interface Listed {
  readonly entry: unknown;
  readonly path: ConfigPath;
}

function listed(audit: Readonly<Record<string, unknown>>, names: readonly string[]): Listed[] {
  return names.flatMap((name) => items(audit[name]).map((entry, index) => ({ entry, path: ['audit', name, index] })));
}

function unique(entries: readonly Listed[], key: string, expected: string): CrossProblem[] {
  const seen = new Set<string>();
  const problems: CrossProblem[] = [];
  for (const { entry, path } of entries) {
    const value = record(entry)[key];
    if (typeof value !== 'string') continue;
    if (seen.has(value)) problems.push({ path: [...path, key], expected });
    seen.add(value);
  }
  return problems;
}

/** Where `audit` and `annotations` name environments: each path with the value there. */
export function auditReferences(
  file: Readonly<Record<string, unknown>>,
): { path: ConfigPath; value: unknown; required: boolean }[] {
  const audit = record(file.audit);
  const ofTargets = items(file.annotations).flatMap((entry, index) =>
    items(record(entry).environments).map((value, nth) => ({
      path: ['annotations', index, 'environments', nth],
      value,
      required: false,
    })),
  );
  const ofFeeds = listed(audit, ['webhooks', 'agents', 'watch', 'poll']).map(({ entry, path }) => ({
    path: [...path, 'environment'],
    value: record(entry).environment,
    // Events of the other two name theirs, or belong to the organization.
    required: path[1] === 'agents' || path[1] === 'watch',
  }));
  return [...ofFeeds, ...ofTargets];
}
