import { createHash } from 'node:crypto';
import {
  BLOCKED_PROBE_MILLIS,
  type Clock,
  createOccasionalLog,
  type Log,
  type Recorder,
  type RetryOptions,
  silentLog,
  silentRecorder,
  systemClock,
} from '@aisix-observability/pipeline';
import type { ChangeVersion } from '../ledger/reader.ts';
import type { AnnotationDriver } from './annotationDriver.ts';
import { ANNOTATION_METRICS } from './annotationMetrics.ts';
import { annotationTags } from './annotationTags.ts';
import { startAnnotationTarget } from './annotationTarget.ts';
import { annotationText } from './annotationText.ts';
import type { Burst } from './bursts.ts';
import { createGrafanaClient, type Fetch } from './grafanaClient.ts';
import { createGrafanaDriver } from './grafanaDriver.ts';
import { AnnotationOptionsError, checkTarget, type GrafanaTarget } from './grafanaTarget.ts';
import {
  ANNOTATION_RETRY,
  PAGE_VERSIONS,
  POLL_MILLIS,
  RECHECK_MILLIS,
  REQUEST_TIMEOUT_MILLIS,
  RETENTION_PAGE,
} from './limits.ts';
import { openMarkerBook } from './markerBook.ts';
import type { Marker } from './markerContent.ts';
import type { MarkerSearch } from './markerSearch.ts';
import type { OutputTest } from './outputTest.ts';
import type { TargetHealth } from './targetHealth.ts';

/** Where changes come from: the ledger. */
export interface ChangeSource {
  versionsAfter(version: number, limit: number): ChangeVersion[];
  onVersions(listener: () => void): () => void;
}

export interface GrafanaAnnotationsOptions {
  /** Of the file that remembers what is drawn; its directory must exist. */
  readonly path: string;
  readonly source: ChangeSource;
  readonly targets: readonly GrafanaTarget[];
  /** Id → name; an environment without a name is called by its id. */
  readonly environmentNames?: ReadonlyMap<string, string>;
  /** Markers that ended longer ago are deleted; kept for ever without it. */
  readonly retentionMillis?: number;
  readonly userAgent?: string;
  readonly requestTimeoutMillis?: number;
  readonly recheckMillis?: number;
  readonly retry?: Partial<RetryOptions>;
  /** Between tries of a target that somebody has to mend. */
  readonly blockedMillis?: number;
  /** For another annotation API. */
  readonly driverOf?: (target: GrafanaTarget) => AnnotationDriver;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly log?: Log;
  readonly recorder?: Recorder;
}

export interface GrafanaAnnotations {
  /** Something new is in the ledger; also found without. */
  wake(): void;
  health(): readonly TargetHealth[];
  /** The last version of a change that was taken to be drawn. */
  position(): number;
  /** The burst in which a change is drawn. */
  burstOf(changeId: string): Burst | undefined;
  /** Tries each target, whatever its state. */
  test(deadlineMillis: number): Promise<readonly OutputTest[]>;
  /** Bursts that touch `[from, to)`, newest first. */
  bursts(range: { readonly from: number; readonly to: number; readonly limit: number }): Burst[];
  /** Drawn markers of some environments, newest first; there are markers without any target, too. */
  readonly markers: MarkerSearch;
  close(deadlineMillis: number): Promise<void>;
}

/** How often retention looks for what is too old. */
const RETENTION_INTERVAL_MILLIS = 60_000;

/**
 * Draws the changes of the ledger in any number of Grafanas, one annotation for each marker, and keeps them as the
 * ledger says: nothing is lost or drawn twice, whatever fails and whenever the process is killed.
 *
 * @throws AnnotationOptionsError, or StreamFileError when the file cannot be used.
 */
export function createGrafanaAnnotations(options: GrafanaAnnotationsOptions): GrafanaAnnotations {
  const { source, log = silentLog, recorder = silentRecorder, clock = systemClock } = options;
  const settings = options.targets.map((target) => ({ target, ...checkTarget(target) }));
  if (new Set(settings.map(({ target }) => target.name)).size < settings.length) {
    throw new AnnotationOptionsError('name', 'another one for each target');
  }
  const recheckMillis = options.recheckMillis ?? RECHECK_MILLIS;
  const book = openMarkerBook(options.path, {
    targets: settings.map(({ target, identity }) => ({
      name: target.name,
      identity,
      ...(target.environments !== undefined && { environments: target.environments }),
    })),
    now: () => clock.now(),
    recheckMillis,
    log,
  });
  const complain = createOccasionalLog(log, clock);
  const nameOf = (environment: string): string => options.environmentNames?.get(environment) ?? environment;

  const targets = settings.map(({ target, baseUrl, identity, link }) => {
    const content = (drawn: Marker, tagBytes: number) => {
      const marker = drawn.environment === null ? drawn : { ...drawn, environment: nameOf(drawn.environment) };
      return {
        time: marker.start,
        timeEnd: marker.end,
        tags: annotationTags(marker, tagBytes),
        text: annotationText(marker, target.detail, link?.(marker)),
      };
    };
    return startAnnotationTarget({
      name: target.name,
      origin: baseUrl.origin,
      ...(target.orgId !== undefined && { orgId: target.orgId }),
      driver: (options.driverOf ?? driverOf)(target),
      book,
      content,
      probeId: createHash('sha256').update(`probe ${identity}`).digest('hex'),
      testId: createHash('sha256').update(`test ${identity}`).digest('hex'),
      recheckMillis,
      retry: { ...ANNOTATION_RETRY, ...options.retry },
      blockedMillis: options.blockedMillis ?? BLOCKED_PROBE_MILLIS,
      clock,
      random: options.random ?? Math.random,
      log,
      recorder,
    });
  });

  function driverOf({ url, token }: GrafanaTarget): AnnotationDriver {
    return createGrafanaDriver(
      createGrafanaClient({
        baseUrl: url.replace(/\/+$/, ''),
        token,
        fetch: options.fetch ?? fetch,
        clock,
        userAgent: options.userAgent ?? 'aisix-observability',
        timeoutMillis: options.requestTimeoutMillis ?? REQUEST_TIMEOUT_MILLIS,
      }),
    );
  }

  let stopped = false;
  let cancelTimer: (() => void) | undefined;
  let retainedAt = Number.NEGATIVE_INFINITY;

  function schedule(millis: number): void {
    if (stopped) return;
    cancelTimer?.();
    cancelTimer = clock.after(millis, follow);
  }

  /** One page; the next one after everything else had its turn. */
  function follow(): void {
    if (stopped) return;
    let more = false;
    try {
      const versions = source.versionsAfter(book.position(), PAGE_VERSIONS);
      if (versions.length > 0) {
        const { tooOld } = book.take(versions);
        recorder.count(ANNOTATION_METRICS.versionsTaken, versions.length);
        if (tooOld > 0) recorder.count(ANNOTATION_METRICS.tooOld, tooOld);
      }
      more = versions.length === PAGE_VERSIONS;
      const swept = retain();
      if (versions.length > 0 || swept) for (const target of targets) target.wake();
    } catch (error) {
      complain('follow', 'error', 'Changes cannot be taken to be drawn, trying again', { error });
    }
    schedule(more ? 0 : POLL_MILLIS);
  }

  function retain(): boolean {
    const { retentionMillis } = options;
    if (retentionMillis === undefined || Math.abs(clock.now() - retainedAt) < RETENTION_INTERVAL_MILLIS) return false;
    const withdrawn = book.retain(clock.now() - retentionMillis);
    // A full page: there is more.
    if (withdrawn < RETENTION_PAGE) retainedAt = clock.now();
    return withdrawn > 0;
  }

  const stopListening = source.onVersions(() => schedule(0));
  schedule(0);
  let closing: Promise<void> | undefined;

  async function close(deadlineMillis: number): Promise<void> {
    stopped = true;
    cancelTimer?.();
    stopListening();
    await Promise.all(targets.map((target) => target.close(deadlineMillis)));
    await book.close();
  }

  return {
    wake: () => schedule(0),
    health: () => targets.map((target) => target.health()),
    test: (deadlineMillis) => Promise.all(targets.map((target) => target.test(deadlineMillis))),
    position: () => book.position(),
    burstOf: (changeId) => book.burstOf(changeId),
    bursts: (range) => book.bursts(range),
    markers: book.search,
    close(deadlineMillis) {
      closing ??= close(deadlineMillis);
      return closing;
    },
  };
}
