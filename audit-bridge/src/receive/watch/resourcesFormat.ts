import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { parseAllDocuments } from 'yaml';
import type { SourceEntry } from '../../adapt/sourceState.ts';
import { isRecord } from '../../redact/redactValue.ts';
import { resolveNames } from './resourceNames.ts';
import { SourceError } from './sourceFault.ts';

/** The gateway's own format version, which it wants in quotes. */
const VERSION = '1';
/** A file that people write uses a handful of anchors; each use of a nested one counts for all that it stands for. */
const MAX_ALIASES = 100;

/** Conditions may hold conditions; nobody writes more than a handful. */
const MAX_DEPTH = 64;

/** The gateway makes a resource's id out of this namespace and `<kind>/<identity>` (UUID version 5). */
const ID_NAMESPACE = Buffer.from('63e50ab2677a54d38d1ec0cb29ceae94', 'hex');

/** A resource of the file, under the name that others of it refer to it by. */
export interface FileResource {
  readonly kind: string;
  readonly identity: string;
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * What a gateway's `resources.yaml` holds: a list of resources per kind, without ids; those, and the references by
 * name, become what the gateway makes of them, so that requests can be joined. `${…}` stays as it is.
 *
 * @throws SourceError `resources_file_invalid`, `resources_file_newer`.
 */
export function parseResourcesFile(bytes: Uint8Array): SourceEntry[] {
  const root = rootOf(bytes);
  checkVersion(root._format_version);
  const resources = new Map<string, FileResource>();
  for (const [kind, list] of Object.entries(root)) {
    if (kind.startsWith('_') || list === null) continue;
    if (!Array.isArray(list)) throw invalid(`expected a list of resources under each kind`);
    for (const document of list as readonly unknown[]) {
      const resource = resourceOf(kind, document);
      const key = `${kind}/${resource.identity}`;
      if (resources.has(key)) throw invalid('a name stands twice under one kind: expected each once');
      resources.set(key, resource);
    }
  }
  const idOf = (kind: string, name: string) => resources.get(`${kind}/${name}`)?.id;
  return [...resources.values()].map(({ kind, id, document }) => ({
    kind,
    id,
    document: resolveNames(kind, document, idOf),
  }));
}

function invalid(message: string): SourceError {
  return new SourceError('resources_file_invalid', message);
}

function rootOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (!isUtf8(bytes)) throw invalid('expected UTF-8');
  let root: unknown;
  try {
    const documents = parseAllDocuments(Buffer.from(bytes).toString('utf8'), { uniqueKeys: true, logLevel: 'silent' });
    const [document, ...others] = [...documents];
    if (document === undefined || others.length > 0) throw invalid('expected one YAML document');
    const [error] = document.errors;
    // The parser's own message quotes the text.
    if (error !== undefined) throw invalid(`not YAML: ${error.code} in line ${error.linePos?.[0].line ?? 0}`);
    root = document.toJS({ maxAliasCount: MAX_ALIASES });
    refuseEndless(root);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    // Too many aliases, an alias without an anchor, or nesting that ends the stack.
    throw invalid('expected plain YAML: no recursion, and few aliases');
  }
  if (!isRecord(root)) throw invalid('expected _format_version and lists of resources');
  return root;
}

/** An anchor may stand for something that holds its own alias. */
function refuseEndless(value: unknown, outer: readonly unknown[] = [], done = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || done.has(value)) return;
  if (outer.includes(value) || outer.length > MAX_DEPTH) throw invalid(`expected at most ${MAX_DEPTH} levels`);
  for (const inner of Object.values(value)) refuseEndless(inner, [...outer, value], done);
  done.add(value);
}

function checkVersion(version: unknown): void {
  if (version === VERSION) return;
  if (typeof version === 'string' && /^\d{1,6}$/.test(version) && Number(version) > Number(VERSION)) {
    throw new SourceError('resources_file_newer', `found _format_version ${version}, expected "${VERSION}"`);
  }
  throw invalid(`expected _format_version: "${VERSION}"`);
}

function resourceOf(kind: string, document: unknown): FileResource {
  if (!isRecord(document)) throw invalid('expected a mapping for each resource');
  const identity = identityOf(kind, document);
  if (identity === undefined) throw invalid('a resource has no name: expected display_name or name');
  return { kind, identity, id: idOfResource(kind, identity), document };
}

function identityOf(kind: string, document: Readonly<Record<string, unknown>>): string | undefined {
  const text = (field: string) => {
    const value = document[field];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  switch (kind) {
    case 'mcp_auth_settings':
      return kind;
    case 'guardrail_attachments': {
      const [guardrail, scope] = [text('guardrail_id'), text('scope_type')];
      return guardrail && scope ? `${guardrail}/${scope}/${text('scope_id') ?? '-'}` : undefined;
    }
    case 'provider_keys':
    case 'models':
    case 'api_keys':
      return text('display_name');
    default:
      return text('name') ?? text('display_name');
  }
}

/** UUID version 5 (RFC 9562). */
export function idOfResource(kind: string, identity: string): string {
  const hash = createHash('sha1').update(ID_NAMESPACE).update(`${kind}/${identity}`).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
