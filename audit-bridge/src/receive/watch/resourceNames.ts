import { isRecord } from '../../redact/redactValue.ts';

/** The id of a resource by its kind and name; undefined when the file has none of that name. */
export type IdOf = (kind: string, name: string) => string | undefined;

type Document = Readonly<Record<string, unknown>>;

/** Kinds that a scope can name. */
const SCOPES: ReadonlyMap<unknown, string> = new Map([
  ['api_key', 'api_keys'],
  ['model', 'models'],
  ['mcp_server', 'mcp_servers'],
  ['passthrough_route', 'passthrough_routes'],
]);

/**
 * References by name, which only the file knows, as the ids that the gateway makes of them. What names nothing in the
 * file stays: the gateway refuses such a file, and the name is what people will look for.
 */
export function resolveNames(kind: string, document: Document, idOf: IdOf): Document {
  switch (kind) {
    case 'models':
      return within(renamed(document, 'provider_key', 'provider_keys', idOf), 'semantic', (semantic) =>
        within(semantic, 'classifier', (classifier) => renamed(classifier, 'provider_key', 'provider_keys', idOf)),
      );
    case 'passthrough_routes':
      return renamed(renamed(document, 'provider_key', 'provider_keys', idOf), 'anonymous_key', 'api_keys', idOf);
    case 'claim_mappings':
      return within(document, 'resolve', (resolve) => renamed(resolve, 'api_key', 'api_keys', idOf));
    case 'guardrail_attachments':
      return scoped(replaced(document, 'guardrail_id', 'guardrails', idOf), 'scope_type', 'scope_id', idOf);
    case 'rate_limit_policies':
      return scoped(document, 'scope', 'scope_ref', idOf);
    default:
      return document;
  }
}

function within(document: Document, field: string, change: (inner: Document) => Document): Document {
  const inner = document[field];
  return isRecord(inner) ? { ...document, [field]: change(inner) } : document;
}

/** `provider_key: <name>` becomes `provider_key_id: <id>`. */
function renamed(document: Document, field: string, kind: string, idOf: IdOf): Document {
  const { [field]: name, ...rest } = document;
  const id = typeof name === 'string' ? idOf(kind, name) : undefined;
  return id === undefined ? document : { ...rest, [`${field}_id`]: id };
}

function replaced(document: Document, field: string, kind: string, idOf: IdOf): Document {
  const name = document[field];
  const id = typeof name === 'string' ? idOf(kind, name) : undefined;
  return id === undefined ? document : { ...document, [field]: id };
}

function scoped(document: Document, type: string, field: string, idOf: IdOf): Document {
  const kind = SCOPES.get(document[type]);
  return kind === undefined ? document : replaced(document, field, kind, idOf);
}
