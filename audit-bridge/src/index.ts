// The bridge itself is not in this version; these are the words in which it will speak.
export type {
  Catalogue,
  CatalogueEntry,
  ChangeAction,
  ChangedPath,
  ChangeState,
  ChangeTrust,
  ConfigChange,
} from '@aisix-observability/evidence';
export { CHANGE_ACTIONS } from '@aisix-observability/evidence';
export type { ChainHead } from './ledger/chain.ts';
export type { FeedGap, GapQuery } from './ledger/gaps.ts';
export type { Ledger, LedgerOptions, VerdictInput } from './ledger/ledger.ts';
export { openLedger } from './ledger/ledger.ts';
export { LEDGER_METRIC_HELP, LEDGER_METRICS } from './ledger/metrics.ts';
export type { ChangeVersion, LedgerReader } from './ledger/reader.ts';
