import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { SourceEntry, StaleEntry } from '../../adapt/sourceState.ts';
import { documentOf, resourceOfKey } from './etcdEntry.ts';
import { SourceError } from './sourceFault.ts';

/** The only version of the format there is (gateway at commit 100fef65). */
const VERSION = 1;

const entry = z.object({ key: z.string().max(4096), value_b64: z.base64(), revision: z.number().int().nonnegative() });

const cacheFile = z.object({
  version: z.literal(VERSION),
  revision: z.number().int().nonnegative(),
  entries: z.array(entry),
  stale: z.array(entry.extend({ since_unix_secs: z.number().nonnegative().optional() })).default([]),
});

export interface CacheContent {
  readonly entries: readonly SourceEntry[];
  readonly stale: readonly StaleEntry[];
}

/**
 * What the data plane's `config_cache.json` holds.
 *
 * @throws SourceError `cache_file_torn` (no whole JSON yet), `cache_file_newer`, `cache_file_invalid`.
 */
export function parseCacheFile(bytes: Uint8Array): CacheContent {
  if (!isUtf8(bytes)) throw torn();
  let found: unknown;
  try {
    found = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    throw torn();
  }
  const { version } = (found ?? {}) as { readonly version?: unknown };
  if (typeof version === 'number' && version > VERSION) {
    throw new SourceError('cache_file_newer', `found format version ${version}, expected ${VERSION}`);
  }
  const parsed = cacheFile.safeParse(found);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map((step) => (typeof step === 'number' ? '[]' : String(step))).join('.') || 'the file';
    throw new SourceError('cache_file_invalid', `unexpected ${place}: expected the format of version ${VERSION}`);
  }
  const { entries, stale } = parsed.data;
  if (hasTwice(entries) || hasTwice(stale)) {
    throw new SourceError('cache_file_invalid', 'a key stands twice: expected each key once');
  }
  return {
    entries: entries.flatMap((one) => entryOf(one)),
    stale: stale.flatMap(({ since_unix_secs: since, ...one }) =>
      entryOf(one).map((held) => (since === undefined ? held : { ...held, since: since * 1000 })),
    ),
  };
}

function torn(): SourceError {
  return new SourceError('cache_file_torn', 'found no whole JSON text in UTF-8', true);
}

function hasTwice(entries: readonly { readonly key: string }[]): boolean {
  return new Set(entries.map(({ key }) => key)).size < entries.length;
}

/** None for keys that name no resource. */
function entryOf({ key, value_b64, revision }: z.infer<typeof entry>): SourceEntry[] {
  const resource = resourceOfKey(key);
  if (resource === undefined) return [];
  return [{ ...resource, document: documentOf(Buffer.from(value_b64, 'base64')), revision }];
}
