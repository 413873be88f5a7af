import type {
  ChangePage,
  ChangeQuery,
  ComputedVerdict,
  FeedGap,
  GapQuery,
  KnownName,
  Marker,
  MarkerQuery,
  Observation,
  ObserveResult,
  VerdictInput,
} from '@aisix-observability/audit-bridge';
import type { Catalogue, ConfigChange, ResourceVersion } from '@aisix-observability/evidence';
import type { Config } from '../config/config.ts';
import type { AuditStatus, OutputTests } from './status.ts';

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

/** An environment in a range of time, `[from, to]`. */
export interface VersionsQuery {
  readonly environment: string;
  readonly from: number;
  readonly to: number;
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
  configVersions: { readonly input: VersionsQuery; readonly output: readonly ResourceVersion[] };
  setComputed: {
    readonly input: { readonly id: string; readonly computed: ComputedVerdict };
    readonly output: ConfigChange | undefined;
  };
  markers: { readonly input: MarkerQuery; readonly output: readonly Marker[] };
  status: { readonly input: null; readonly output: AuditStatus };
  test: { readonly input: { readonly deadlineMillis: number }; readonly output: OutputTests };
  metricsText: { readonly input: null; readonly output: string };
  close: { readonly input: { readonly deadlineMillis: number }; readonly output: null };
};

/** The thread to the main one. */
export type FromAudit =
  /** Names of caller keys and models, whenever one of them changed. */
  { readonly type: 'names'; readonly names: readonly KnownName[] };
