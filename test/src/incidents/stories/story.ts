import { decodeUsageEvents } from '@aisix-observability/collector-exporter';
import {
  type CatalogueEntry,
  type ConfigChange,
  createWindow,
  type Evidence,
  fromRequest,
  type InvestigationParameters,
  PRODUCT_PARAMETERS,
  prepareEvidence,
  type RequestWindow,
} from '@aisix-observability/evidence';
import { silentRecorder } from '@aisix-observability/pipeline';
import { foldChanges } from '../../../../audit-bridge/src/ledger/fold.ts';
import { signedEvents, watched } from '../../../../audit-bridge/src/ledger/testing/story.ts';
import type { Observation } from '../../../../audit-bridge/src/model/observation.ts';
import { parseCacheFile } from '../../../../audit-bridge/src/receive/watch/cacheFormat.ts';
import { recordedVersions } from '../../../../audit-bridge/src/receive/watch/testing/recordedCache.ts';
import { redactor } from '../../../../audit-bridge/src/receive/watch/testing/watchedStory.ts';
import { wireKind } from '../../../../audit-bridge/src/redact/kinds.ts';
import { MemoryAssembly } from '../../assemble/memoryAssembly.ts';
import {
  loadChanges,
  loadMeta,
  loadTelemetry,
  RECORDED_DATA_PLANE,
  RECORDED_ENVIRONMENT,
  type RecordedChange,
  recordedLines,
  type StoryName,
} from '../../recordings/index.ts';

const SECOND = 1_000;

/** An evening in eleven minutes: the product's thresholds at shorter windows. */
export const STORY_PARAMETERS: InvestigationParameters = {
  ...PRODUCT_PARAMETERS,
  beforeMillis: 60 * SECOND,
  historyMillis: 600 * SECOND,
  stepMillis: 2 * SECOND,
  looks: [
    { name: '+20s', afterMillis: 20 * SECOND, probability: 0.998 },
    { name: '+40s', afterMillis: 40 * SECOND, probability: 0.995 },
    { name: '+60s', afterMillis: 60 * SECOND, probability: 0.99 },
  ],
};

/** A change as the ledger folds it, with the answer key. */
export interface StoryChange {
  readonly n: number;
  readonly effect: RecordedChange['effect'];
  readonly change: ConfigChange;
}

/** Trouble of a provider without a change; epoch milliseconds. */
export interface StoryOutage {
  readonly providerKey: string;
  readonly from: number;
  readonly to: number;
}

/** A recorded story as the product sees it. */
export interface Story {
  readonly name: StoryName;
  readonly start: number;
  readonly window: RequestWindow;
  readonly changes: readonly StoryChange[];
  readonly outages: readonly StoryOutage[];
  readonly config: { at(time: number): readonly CatalogueEntry[] };
}

function requestWindow(name: StoryName): RequestWindow {
  const assembly = new MemoryAssembly();
  for (const { receivedAt, body } of loadTelemetry(name)) {
    const { reports } = decodeUsageEvents(body.events, {
      input: 'telemetry',
      recorder: silentRecorder,
      now: receivedAt,
    });
    assembly.add({
      input: 'telemetry',
      environment: RECORDED_ENVIRONMENT,
      dataPlane: RECORDED_DATA_PLANE,
      receivedAt,
      reports,
    });
  }
  const rows = assembly.finish().map(fromRequest);
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const { startTime } of rows) {
    from = Math.min(from, startTime);
    to = Math.max(to, startTime + 1);
  }
  const builder = createWindow({ environment: RECORDED_ENVIRONMENT, from, to });
  for (const row of rows) builder.add(row);
  return builder.build();
}

/** Signed events and the watched cache file, folded resource by resource. */
function foldedChanges(name: StoryName): StoryChange[] {
  const observations: Observation[] = [...signedEvents(name), ...watched(name, RECORDED_DATA_PLANE)];
  const byResource = Map.groupBy(observations, (observation) =>
    'resource' in observation ? `${observation.resource.kind}/${observation.resource.id}` : '',
  );
  const changes = [...byResource.values()].flatMap((group) =>
    foldChanges({
      changes: group.filter((observation) => observation.type === 'change'),
      inForce: group.filter((observation) => observation.type === 'in_force'),
      statuses: [],
      verdicts: [],
    }).map(({ change }) => change),
  );
  const truth = loadChanges(name).filter(({ effect }) => effect !== 'setup');
  return truth.map(({ n, effect, revision, resource, occurred_at }) => {
    const change = changes.find(
      (item) =>
        item.revision === revision && item.resource.id === resource.id && item.occurredAt === Date.parse(occurred_at),
    );
    if (change === undefined) throw new RangeError(`The ledger does not have change ${n} of ${name}.`);
    return { n, effect, change };
  });
}

/** What the data plane served, version by version of its cache file. */
function configOf(name: StoryName): Story['config'] {
  const versions = recordedVersions(name).map(({ at, bytes }) => {
    const { entries, stale = [] } = parseCacheFile(bytes);
    const served = entries.map(({ kind: etcdKind, id, document }): CatalogueEntry => {
      const kind = wireKind(etcdKind);
      const old = stale.find((item) => item.kind === etcdKind && item.id === id);
      const { value, name: called } = redactor.redactResource(kind, old?.document ?? document);
      return { kind, id, ...(called !== undefined && { name: called }), environment: RECORDED_ENVIRONMENT, value };
    });
    return { at, served };
  });
  return { at: (time) => (versions.findLast(({ at }) => at <= time) ?? versions[0])?.served ?? [] };
}

function outagesOf(name: StoryName): StoryOutage[] {
  const lines = recordedLines(name, 'outages.ndjson').map(
    (line) => JSON.parse(line) as { at: string; upstream: string; state: string },
  );
  return lines.flatMap(({ at, upstream, state }, index) => {
    const up = lines[index + 1];
    if (state !== 'down' || up === undefined) return [];
    return [{ providerKey: `${upstream}-prod`, from: Date.parse(at), to: Date.parse(up.at) }];
  });
}

export function loadStory(name: StoryName): Story {
  return {
    name,
    start: loadMeta(name).start,
    window: requestWindow(name),
    changes: foldedChanges(name),
    outages: outagesOf(name),
    config: configOf(name),
  };
}

/** The story before the product, with further changes that never happened. */
export function evidenceOf({ window, changes, config }: Story, invented: readonly ConfigChange[] = []): Evidence {
  const all = [...changes.map(({ change }) => change), ...invented];
  return prepareEvidence({ window, changes: all, config }, STORY_PARAMETERS);
}

/** The same change at another time, under an id of its own. */
export function movedTo(change: ConfigChange, at: number, id: string): ConfigChange {
  const by = at - change.occurredAt;
  return {
    ...change,
    id,
    occurredAt: at,
    observedAt: change.observedAt + by,
    effective: change.effective.map(({ dataPlane, at: taken }) => ({ dataPlane, at: taken + by })),
    ...(change.observedBetween !== undefined && {
      observedBetween: [change.observedBetween[0] + by, change.observedBetween[1] + by] as const,
    }),
  };
}

/** A value that was never in force, on the same side of the old one. */
function neverSeen(before: unknown, after: unknown): unknown {
  if (typeof after === 'number') return typeof before === 'number' && after < before ? after - 1 : after + 1;
  if (typeof after === 'string') return after.startsWith('hmac:') ? 'hmac:0123456789ab' : `${after}-invented`;
  if (Array.isArray(after)) return [...after, 'invented'];
  return typeof after === 'object' && after !== null ? { ...after, invented: true } : after;
}

/** A change that never happened: like the given one, at another time and to values that never were. */
export function invent(change: ConfigChange, at: number, id: string): ConfigChange {
  const moved = movedTo(change, at, id);
  return {
    ...moved,
    paths: moved.paths.map((path) =>
      path.after === undefined ? path : { ...path, after: neverSeen(path.before, path.after) },
    ),
  };
}
