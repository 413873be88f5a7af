import { join } from 'node:path';
import {
  type ChangePage,
  type ChangeQuery,
  type ComputedVerdict,
  createKeyedHash,
  createRedactor,
  type FeedGap,
  type GapQuery,
  type KnownName,
  type Ledger,
  type Marker,
  type MarkerQuery,
  type Observe,
  openLedger,
  type VerdictInput,
} from '@aisix-observability/audit-bridge';
import type { Catalogue, ConfigChange, ResourceVersion } from '@aisix-observability/evidence';
import { type Clock, type Log, type Recorder, systemClock } from '@aisix-observability/pipeline';
import type { Config } from '../config/config.ts';
import { keyOf } from '../config/redactionKey.ts';
import { openFeeds } from './feeds.ts';
import type { CatalogueQuery, VersionsQuery } from './messages.ts';
import { followNames } from './names.ts';
import { openAnnotations, openLogEvents } from './outputs.ts';
import { LEDGER_FILE } from './places.ts';
import { startLedgerRetention } from './retention.ts';
import type { AuditStatus, OutputTests } from './status.ts';
import { testChange } from './testChange.ts';

export interface AuditBridgeOptions {
  readonly dataDir: string;
  /** With its key in place. */
  readonly config: Config;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly onNames: (names: readonly KnownName[]) => void;
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
}

/** Everything of the audit bridge but the routes that senders post to, in one thread. */
export interface AuditBridge {
  readonly observe: Observe;
  search(query: ChangeQuery): ChangePage;
  get(id: string): ConfigChange | undefined;
  setVerdict(id: string, verdict: VerdictInput): Promise<ConfigChange | undefined>;
  gaps(query: GapQuery): FeedGap[];
  catalogue(query: CatalogueQuery): Catalogue;
  configVersions(query: VersionsQuery): ResourceVersion[];
  setComputed(id: string, computed: ComputedVerdict): Promise<ConfigChange | undefined>;
  markers(query: MarkerQuery): Marker[];
  status(): AuditStatus;
  /** Sends a change that never happened to every output; the ledger does not hear of it. */
  test(deadlineMillis: number): Promise<OutputTests>;
  /** Sets what is a state and no event; called whenever somebody is about to look. */
  refreshGauges(): void;
  /** Stops looking, delivers what is there until the deadline, then closes the ledger. */
  close(deadlineMillis: number): Promise<void>;
}

/** A suspect of which nobody said anything is worth an alert for so long. */
const OPEN_SUSPECT_MILLIS = 24 * 3_600_000;
/** Gaps that touch the last of these are shown as present. */
const SILENT_NOW_MILLIS = 1_000;

/**
 * Opens the ledger, what fills it, and what is made of it.
 *
 * @throws StreamFileError when a file cannot be used, `ENOENT` on a missing TLS file of a destination.
 */
export async function openAuditBridge(options: AuditBridgeOptions): Promise<AuditBridge> {
  const { config, dataDir, log, recorder, clock = systemClock } = options;
  await using undo = new AsyncDisposableStack();
  const now = () => clock.now();
  const ledger = undo.adopt(openLedger(join(dataDir, LEDGER_FILE), { now, log, recorder }), (opened) => opened.close());
  const outputs = { config, dataDir, ledger, clock, log, recorder };
  const annotations = undo.adopt(openAnnotations(outputs), (opened) => opened.close(0));
  const logEvents = undo.adopt(openLogEvents(outputs), (opened) => opened?.close(0));
  const redactor = createRedactor({
    hash: createKeyedHash(keyOf(config)),
    onFound: (kind, times) => recorder.count('aisix_audit_secrets_found', times, { kind }),
  });
  const feeds = openFeeds({
    config,
    dataDir,
    observe: ledger.observe,
    redactor,
    clock,
    log,
    recorder,
    fetch: options.fetch ?? fetch,
  });
  const stopRetention = startLedgerRetention({ ledger, keepMillis: config.retention.changesMillis, log, now });
  const stopNames = followNames({ ledger, onNames: options.onNames });
  feeds.start();
  undo.move();

  const environments = config.environments.map(({ id }) => id);
  const silent = (): FeedGap[] =>
    ledger
      .gaps({ from: now() - SILENT_NOW_MILLIS, to: now() + SILENT_NOW_MILLIS, environments })
      .filter(({ to }) => to === undefined);

  /** With the burst in which it is drawn. */
  const drawn = (change: ConfigChange): ConfigChange => {
    const burst = annotations.burstOf(change.id);
    return burst === undefined ? change : { ...change, burstId: burst.id, burstEnd: burst.end };
  };

  return {
    observe: ledger.observe,
    search(query) {
      const page = ledger.searchChanges(query);
      return { ...page, changes: page.changes.map(drawn) };
    },
    get: (id) => presentOf(ledger.getChange(id), drawn),
    async setVerdict(id, verdict) {
      const change = await ledger.setVerdict(id, verdict);
      if (change !== undefined) logEvents?.tellVerdict(change, 'person', verdict.at);
      return presentOf(change, drawn);
    },
    async setComputed(id, computed) {
      const change = await ledger.setComputed(id, computed);
      if (change !== undefined) logEvents?.tellVerdict(change, 'look', computed.at);
      return presentOf(change, drawn);
    },
    configVersions: ({ environment, from, to }) => ledger.configVersions(environment, from, to),
    gaps: (query) => ledger.gaps(query),
    catalogue: ({ environment, time }) => ledger.catalogueAt(environment, time),
    markers: (query) => annotations.markers(query),
    status: () => statusOf(ledger),
    async test(deadlineMillis) {
      const [tested, logs] = await Promise.all([
        annotations.test(deadlineMillis),
        logEvents?.test(testChange(now(), environments[0] ?? null), deadlineMillis) ?? [],
      ]);
      return { annotations: tested, logEvents: logs };
    },
    refreshGauges() {
      recorder.gauge('aisix_ledger_rows', ledger.head()?.seq ?? 0);
      recorder.gauge('aisix_audit_feeds_silent', silent().length);
      const suspects = ledger.openVerdicts('suspect', now() - OPEN_SUSPECT_MILLIS);
      for (const environment of environments) {
        recorder.gauge('aisix_suspect_changes', suspects.get(environment) ?? 0, { environment });
      }
      recorder.gauge('aisix_suspect_changes', suspects.get(null) ?? 0);
      for (const { name, state } of feeds.status()) {
        recorder.gauge('aisix_audit_feed_failing', state === 'failing' ? 1 : 0, { feed: name });
      }
    },
    async close(deadlineMillis) {
      const deadline = now() + deadlineMillis;
      const left = () => Math.max(0, deadline - now());
      stopNames();
      await feeds.close();
      await stopRetention();
      await Promise.all([annotations.close(left()), logEvents?.close(left())]);
      await ledger.close();
    },
  };

  function statusOf({ head }: Ledger): AuditStatus {
    const end = head();
    return {
      ...(end === undefined ? {} : { head: end }),
      feeds: feeds.status(),
      silent: silent(),
      annotations: annotations.health(),
      logDestinations: logEvents?.health() ?? [],
    };
  }
}

function presentOf<T>(value: T | undefined, work: (value: T) => T): T | undefined {
  return value === undefined ? undefined : work(value);
}
