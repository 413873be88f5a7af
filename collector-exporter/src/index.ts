export type { DecodeContext, TracesDecoded, UsageDecoded } from './decode/context.ts';
export { MAX_EXTRA_BYTES, MAX_EXTRA_KEYS } from './decode/limits.ts';
export type { RefusalCode } from './decode/refusals.ts';
export { REFUSAL_CODES } from './decode/refusals.ts';
export type { RefusedRecord } from './decode/refused.ts';
export { refusedRecord } from './decode/refused.ts';
export { withoutSecrets } from './decode/secrets.ts';
export { DECODE_METRICS } from './decode/tally.ts';
export { decodeTraces, GATEWAY_SCOPE } from './decode/traces.ts';
export { decodeTracesProtobuf } from './decode/tracesProtobuf.ts';
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
export { Assembler } from './assemble/assembler.ts';
export type { AssemblerCounts, Emission, ExportedVersion, Step } from './assemble/assembler.ts';
export { ASSEMBLE_READER, startAssembleStream } from './assemble/assembleStream.ts';
export type { AssembleStream, AssembleStreamOptions } from './assemble/assembleStream.ts';
export { DEFAULT_PATIENCE } from './assemble/completeness.ts';
export type { Patience } from './assemble/completeness.ts';
export { INPUTS } from './report.ts';
export type { Accept, AttemptReport, Delivery, InputName, Refusal, SpanReport, UsageReport } from './report.ts';
