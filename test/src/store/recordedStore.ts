import type { EvidenceStore, Feed, GatewayRequest, RequestVersion, ResourceName } from '@aisix-observability/evidence';
import { loadChanges, RECORDED_ENVIRONMENT, type RecordingName, type StoryName } from '../recordings/index.ts';
import { inBatches, recordedAssembly } from '../spans/assembledRecording.ts';

export interface RecordedRequests {
  /** The stream of requests as the assembler writes it: open, final and corrected versions. */
  readonly versions: readonly RequestVersion[];
  /** Each request as it is in the end. */
  readonly requests: readonly GatewayRequest[];
}

const made = new Map<string, RecordedRequests>();

/** The requests of a recording; assembled once for all tests of a process. */
export function recordedRequests(name: RecordingName, feeds: readonly Feed[] = ['usage', 'span']): RecordedRequests {
  const key = `${name} ${feeds.join()}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const assembly = recordedAssembly(name, feeds);
  const requests = assembly.finish();
  const recorded = { requests, versions: assembly.payloads.map((json, at) => ({ seq: at + 1, json })) };
  made.set(key, recorded);
  return recorded;
}

/** About what the reader of the stream takes at once. */
const BATCH = 1_000;

/** Applies versions as the reader of the stream does. */
export async function applyAll(store: EvidenceStore, versions: readonly RequestVersion[]): Promise<void> {
  for (const batch of inBatches(versions, BATCH)) await store.apply(batch, batch.at(-1)?.seq ?? 0);
}

const KINDS: Readonly<Record<string, ResourceName['kind']>> = { api_key: 'api_key', model: 'model' };

/** Every name that a key or model of a story had; one whose resource was deleted keeps its own. */
export function recordedNames(name: StoryName): ResourceName[] {
  return loadChanges(name).flatMap(({ resource }) => {
    const kind = KINDS[resource.type];
    return kind === undefined
      ? []
      : [{ environment: RECORDED_ENVIRONMENT, kind, id: resource.id, name: resource.name }];
  });
}
