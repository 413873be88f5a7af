/** Kinds of resources with the words that people use; others are shown with spaces in place of underscores. */
const KINDS: Readonly<Record<string, string>> = {
  api_key: 'Caller key',
  provider_key: 'Provider key',
  mcp_server: 'MCP server',
  a2a_agent: 'A2A agent',
  // Of a burst whose changes are of more than one.
  several: 'Several kinds',
};

const PAST: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  enable: 'enabled',
  disable: 'disabled',
  rotate: 'rotated',
  revoke: 'revoked',
  invite: 'invited',
};

export const kindWords = (kind: string): string =>
  KINDS[kind] ?? kind.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());

export const actionWords = (action: string): string => PAST[action] ?? 'changed';
