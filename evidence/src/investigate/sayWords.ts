import type { ConfigChange } from '../model/change.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Longest name of somebody else in a sentence. */
const NAME_CHARACTERS = 120;

/** A name of somebody else, so that it cannot be taken for words of the sentence. */
export function quoted(name: string): string {
  const shown = name.length <= NAME_CHARACTERS ? name : `${name.slice(0, NAME_CHARACTERS)}…`;
  return `"${shown.replaceAll('"', "'")}"`;
}

/** A span of time as people say it: `250 ms`, `12 s`, `5 min`, `3 h`, `2 days`. */
export function duration(millis: number): string {
  if (millis < SECOND) return `${Math.max(0, Math.round(millis))} ms`;
  if (millis < 2 * MINUTE) return `${round(millis / SECOND)} s`;
  if (millis < 2 * HOUR) return `${Math.round(millis / MINUTE)} min`;
  if (millis < 2 * DAY) return `${Math.round(millis / HOUR)} h`;
  return `${Math.round(millis / DAY)} days`;
}

const round = (value: number): number => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value));

const KINDS: Readonly<Record<string, string>> = {
  api_key: 'caller key',
  oidc_provider: 'identity provider',
  mcp_server: 'MCP server',
  mcp_policy: 'MCP policy',
  mcp_auth_settings: 'MCP settings',
  a2a_agent: 'A2A agent',
};

/** `api_key` as people say it. */
export const kindWords = (kind: string): string => KINDS[kind] ?? kind.replaceAll('_', ' ');

/** `provider key "first"`. */
export function resourceWords({
  kind,
  name,
  id,
}: {
  readonly kind: string;
  readonly name?: string;
  readonly id?: string;
}) {
  const word = name ?? id;
  return word === undefined ? kindWords(kind) : `${kindWords(kind)} ${quoted(word)}`;
}

const DONE: Readonly<Record<ConfigChange['action'], string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  enable: 'enabled',
  disable: 'disabled',
  rotate: 'rotated',
  revoke: 'revoked',
  invite: 'invited',
  other: 'changed',
};

export const actionWords = (action: ConfigChange['action']): string => DONE[action];

export const instant = (millis: number): string => new Date(millis).toISOString();

/** `1 attempt`, `3 attempts`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** `502 upstream_status`, as far as it is known. */
export function statusWords(status: number | undefined, errorClass: string | undefined): string {
  const words = [status === undefined ? undefined : String(status), errorClass === '' ? undefined : errorClass];
  return words.filter((word) => word !== undefined).join(' ') || 'no status';
}
