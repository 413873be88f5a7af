import {
  type ChangePage,
  type ChangeQuery,
  ChangeQueryError,
  type ComputedVerdict,
  type FeedGap,
  type GapQuery,
  type KnownName,
  type Marker,
  type MarkerQuery,
  type Observe,
  type VerdictInput,
} from '@aisix-observability/audit-bridge';
import type { Catalogue, ConfigChange, ResourceVersion } from '@aisix-observability/evidence';
import { type Log, StreamUnavailableError } from '@aisix-observability/pipeline';
import type { Config } from '../config/config.ts';
import type { PlainError } from '../thread/messages.ts';
import { startThread } from '../thread/thread.ts';
import type { AuditCalls, AuditWorkerData, CatalogueQuery, FromAudit, VersionsQuery } from './messages.ts';
import type { AuditStatus, OutputTests } from './status.ts';

export interface AuditThreadOptions {
  readonly dataDir: string;
  readonly config: Config;
  readonly log: Log;
  /** The thread ended although nobody closed it. */
  readonly onStopped: (cause: Error) => void;
}

/** What is asked of the ledger and of the markers. */
export interface ChangeReader {
  search(query: ChangeQuery, signal?: AbortSignal): Promise<ChangePage>;
  /** By any id that the change ever had. */
  get(id: string, signal?: AbortSignal): Promise<ConfigChange | undefined>;
  setVerdict(id: string, verdict: VerdictInput): Promise<ConfigChange | undefined>;
  gaps(query: GapQuery, signal?: AbortSignal): Promise<readonly FeedGap[]>;
  /** Every resource of an environment as it was at a time, wanted and as each data plane served it. */
  catalogue(query: CatalogueQuery, signal?: AbortSignal): Promise<Catalogue>;
  /** Every value that a resource of an environment had in a range of time. */
  configVersions(query: VersionsQuery, signal?: AbortSignal): Promise<readonly ResourceVersion[]>;
  markers(query: MarkerQuery, signal?: AbortSignal): Promise<readonly Marker[]>;
}

/** Handle of the thread in which the audit bridge runs. */
export interface AuditThread extends ChangeReader {
  readonly observe: Observe;
  /** Keeps what a timed look found. */
  setComputed(id: string, computed: ComputedVerdict): Promise<ConfigChange | undefined>;
  /** Called with the names of caller keys and models, at first and whenever one changed. */
  onNames(listener: (names: readonly KnownName[]) => void): void;
  status(): Promise<AuditStatus>;
  /** Sends a change that never happened to every output. */
  test(deadlineMillis: number): Promise<OutputTests>;
  /** Prometheus text of the thread's own meters. */
  metricsText(): Promise<string>;
  close(deadlineMillis: number): Promise<void>;
}

/** Senders are asked to wait so long when the disk does not take their events. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Starts the audit bridge in a thread of its own: its SQLite waits for the disk at each commit, and a cache file of
 * many megabytes is compared at once; neither may hold up what the listeners acknowledge.
 *
 * @throws what opening the ledger or an output threw in the thread, by message and code.
 */
export async function startAuditThread(options: AuditThreadOptions): Promise<AuditThread> {
  const data: AuditWorkerData = { dataDir: options.dataDir, config: options.config };
  let names: readonly KnownName[] | undefined;
  let onNames: (names: readonly KnownName[]) => void = () => {};
  const thread = await startThread<AuditCalls, never, FromAudit>({
    module: new URL('./worker.ts', import.meta.url),
    name: 'audit-bridge',
    data,
    log: options.log,
    onNotice(notice) {
      names = notice.names;
      onNames(notice.names);
    },
    onStopped: options.onStopped,
    toError,
  });
  return {
    observe: (observations) => thread.call('observe', observations),
    search: (query, signal) => thread.call('search', query, signal),
    get: (id, signal) => thread.call('get', id, signal),
    setVerdict: (id, verdict) => thread.call('setVerdict', { id, verdict }),
    gaps: (query, signal) => thread.call('gaps', query, signal),
    catalogue: (query, signal) => thread.call('catalogue', query, signal),
    configVersions: (query, signal) => thread.call('configVersions', query, signal),
    setComputed: (id, computed) => thread.call('setComputed', { id, computed }),
    markers: (query, signal) => thread.call('markers', query, signal),
    onNames(listener) {
      onNames = listener;
      if (names !== undefined) listener(names);
    },
    status: () => thread.call('status', null),
    test: (deadlineMillis) => thread.call('test', { deadlineMillis }),
    metricsText: () => thread.call('metricsText', null),
    async close(deadlineMillis) {
      thread.expectEnd();
      await thread.call('close', { deadlineMillis });
      await thread.end();
    },
  };
}

/** The errors that callers tell apart, made again from what crossed. */
function toError({ name, message, code }: PlainError): Error {
  if (name === 'ChangeQueryError') return new ChangeQueryError(code as ChangeQueryError['code'], message);
  if (code === 'stream_unavailable') return new StreamUnavailableError('changes', RETRY_AFTER_SECONDS, message);
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
}
