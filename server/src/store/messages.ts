import type {
  ChangedPage,
  ChangedQuery,
  GetQuery,
  MetricsQuery,
  ReadPage,
  ReadRange,
  RequestPage,
  ResourceName,
  SearchQuery,
  SeriesAnswer,
  StoreStats,
  ValuesAnswer,
  ValuesQuery,
  VolumeQuery,
  WindowPage,
  WindowQuery,
} from '@aisix-observability/evidence';
import type { Config } from '../config/config.ts';

/** What the store's thread is started with. */
export interface StoreWorkerData {
  readonly dataDir: string;
  readonly config: Config;
}

/** Calls that are answered, by name: the questions of `EvidenceStore`, and what the server itself asks. */
export type StoreCalls = {
  search: { readonly input: SearchQuery; readonly output: RequestPage };
  get: { readonly input: GetQuery; readonly output: RequestPage };
  volume: { readonly input: VolumeQuery; readonly output: SeriesAnswer };
  metrics: { readonly input: MetricsQuery; readonly output: SeriesAnswer };
  values: { readonly input: ValuesQuery; readonly output: ValuesAnswer };
  changed: { readonly input: ChangedQuery; readonly output: ChangedPage };
  window: { readonly input: WindowQuery; readonly output: WindowPage };
  read: {
    readonly input: ReadRange;
    readonly output: ReadPage;
  };
  setNames: { readonly input: readonly ResourceName[]; readonly output: null };
  stats: { readonly input: null; readonly output: StoreStats };
  metricsText: { readonly input: null; readonly output: string };
  close: { readonly input: null; readonly output: null };
};

/** Main thread to the store's. */
export type ToStore = /** Requests up to this position are on disk for good. */ {
  readonly type: 'wake';
  readonly seq: number;
};

/** The store's thread to the main one. */
export type FromStore =
  /** Requests up to this position are durable in the store and show in answers. */
  { readonly type: 'applied'; readonly seq: number };
