import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A resource's document as a gateway held it, secrets included. */
export interface RecordedDocument {
  /** As in the gateway's store: plural. */
  readonly kind: string;
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** A change as the person who made it wrote it down, secrets included. */
export interface RecordedChange {
  readonly n: number;
  readonly occurred_at: string;
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string; readonly name: string };
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly revision: number;
  readonly actor: string;
  readonly effect: string;
}

export const STORIES = ['story', 'story-2'] as const;
export type Story = (typeof STORIES)[number];

/** Secrets of the recordings. Key hashes are found in the documents themselves. */
export const RECORDED_SECRETS: readonly string[] = [
  'sk-good-A',
  'sk-good-B',
  'sk-good-C',
  'sk-rotated-wrong',
  'secretexample',
  'collector-token',
];

function file(story: Story, name: string): Buffer {
  return readFileSync(new URL(`../../../../test/fixtures/aisix/${story}/${name}`, import.meta.url));
}

function lines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

interface CacheVersion {
  readonly body: { readonly entries: readonly CacheEntry[]; readonly stale: readonly CacheEntry[] };
}
interface CacheEntry {
  readonly key: string;
  readonly value_b64: string;
}

/** Every different document that stood in any recorded version of the data plane's cache file. */
export function recordedDocuments(story: Story): RecordedDocument[] {
  const documents = new Map<string, RecordedDocument>();
  for (const version of lines(gunzipSync(file(story, 'cache.ndjson.gz')).toString()) as CacheVersion[]) {
    for (const { key, value_b64 } of [...version.body.entries, ...version.body.stale]) {
      const [kind = '', id = ''] = key.split('/').slice(-2);
      const document = JSON.parse(Buffer.from(value_b64, 'base64').toString()) as RecordedDocument['document'];
      documents.set(`${key} ${value_b64}`, { kind, id, document });
    }
  }
  return [...documents.values()];
}

export function recordedChanges(story: Story): RecordedChange[] {
  return lines(file(story, 'changes.ndjson').toString()) as RecordedChange[];
}
