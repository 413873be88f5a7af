import type {
  ChangePage,
  ChangeQuery,
  FeedGap,
  GapQuery,
  KnownName,
  Marker,
  MarkerQuery,
  Observation,
  ObserveResult,
  VerdictInput,
} from '@aisix-observability/audit-bridge';
import type { Catalogue, ConfigChange } from '@aisix-observability/evidence';
import type { Config } from '../config/config.ts';
import type { AuditStatus } from './status.ts';

/** What the thread of the audit bridge is started with. */
export interface AuditWorkerData {
  readonly dataDir: string;
  readonly config: Config;
}

/** An environment at a time (epoch milliseconds). */
export interface CatalogueQuery {
  readonly environment: string;
  readonly time: number;
}

/** Calls that are answered, by name. */
export type AuditCalls = {
  observe: { readonly input: readonly Observation[]; readonly output: ObserveResult };
  search: { readonly input: ChangeQuery; readonly output: ChangePage };
  get: { readonly input: string; readonly output: ConfigChange | undefined };
  setVerdict: {
    readonly input: { readonly id: string; readonly verdict: VerdictInput };
    readonly output: ConfigChange | undefined;
  };
  gaps: { readonly input: GapQuery; readonly output: readonly FeedGap[] };
  catalogue: { readonly input: CatalogueQuery; readonly output: Catalogue };
  markers: { readonly input: MarkerQuery; readonly output: readonly Marker[] };
  status: { readonly input: null; readonly output: AuditStatus };
  metricsText: { readonly input: null; readonly output: string };
  close: { readonly input: { readonly deadlineMillis: number }; readonly output: null };
};

/** The thread to the main one. */
export type FromAudit =
  /** Names of caller keys and models, whenever one of them changed. */
  { readonly type: 'names'; readonly names: readonly KnownName[] };
