import { writeCacheFile } from '../audit/cacheFile.ts';
import { cacheVersions } from '../audit/storyEvents.ts';
import type { StoryName } from '../recordings/index.ts';

type Document = Readonly<Record<string, unknown>>;

interface Entry {
  readonly key: string;
  readonly value_b64: string;
  readonly revision: number;
}

/** What an update did to a resource. */
export interface UpdatedResource {
  readonly kind: string;
  readonly id: string;
  readonly before: Document;
  readonly after: Document;
  readonly revision: number;
}

/** The configuration of a data plane, written to its cache file as the gateway does. */
export interface GatewayConfig {
  /** Changes fields of a resource, found by kind (plural) and name, and writes the file. */
  update(kind: string, name: string, change: (document: Document) => Document): UpdatedResource | undefined;
}

/** Begins with what a recorded gateway had in the end. */
export function createGatewayConfig(path: string, story: StoryName): GatewayConfig {
  const last = JSON.parse(cacheVersions(story).at(-1)?.text ?? '{}') as { revision: number; entries: Entry[] };
  let { revision, entries } = last;
  const write = () => writeCacheFile(path, JSON.stringify({ version: 1, revision, entries, stale: [] }));
  const documentOf = ({ value_b64 }: Entry) => JSON.parse(Buffer.from(value_b64, 'base64').toString()) as Document;
  write();
  return {
    update(kind, name, change) {
      const entry = entries.find((each) => {
        const document = documentOf(each);
        return each.key.includes(`/${kind}/`) && (document.display_name ?? document.name) === name;
      });
      if (entry === undefined) return undefined;
      const before = documentOf(entry);
      const after = change(before);
      revision += 1;
      const value_b64 = Buffer.from(JSON.stringify(after)).toString('base64');
      entries = entries.map((each) => (each === entry ? { ...entry, value_b64, revision } : each));
      write();
      return {
        kind: kind.replace(/ies$/, 'y').replace(/s$/, ''),
        id: entry.key.split('/').at(-1) ?? '',
        before,
        after,
        revision,
      };
    },
  };
}
