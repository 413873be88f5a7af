export type { DecodeContext, TracesDecoded, UsageDecoded } from './decode/context.ts';
export type { RefusedRecord } from './decode/refused.ts';
export { decodeUsageEvents } from './decode/usageEvents.ts';
export { decodeUsageNdjson } from './decode/usageNdjson.ts';
export type { DecodeNdjson, Wait } from './receive/archiveAccept.ts';
export {
  type BackfillOptions,
  type BackfillSummary,
  type RefusedLine,
  runBackfill,
} from './receive/archiveBackfill.ts';
export type { BackfillProgress } from './receive/archiveProgress.ts';
export { type ArchiveBatch, type ArchiveProblem, readArchive } from './receive/archiveRead.ts';
