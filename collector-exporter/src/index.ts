export type { AssemblerCounts, Emission, ExportedVersion, Step } from './assemble/assembler.ts';
export { Assembler } from './assemble/assembler.ts';
export type { AssembleStream, AssembleStreamOptions } from './assemble/assembleStream.ts';
export { ASSEMBLE_READER, startAssembleStream } from './assemble/assembleStream.ts';
export { ASSEMBLY_METRIC_HELP, ASSEMBLY_METRICS } from './assemble/assemblyMetrics.ts';
export type { Patience } from './assemble/completeness.ts';
export { DEFAULT_PATIENCE } from './assemble/completeness.ts';
export type { DecodeContext, TracesDecoded, UsageDecoded } from './decode/context.ts';
export { MAX_EXTRA_BYTES, MAX_EXTRA_KEYS } from './decode/limits.ts';
export type { RefusalCode } from './decode/refusals.ts';
export { REFUSAL_CODES } from './decode/refusals.ts';
export type { RefusedRecord } from './decode/refused.ts';
export { refusedRecord } from './decode/refused.ts';
export { DECODE_METRICS } from './decode/tally.ts';
export { decodeTraces, GATEWAY_SCOPE } from './decode/traces.ts';
export { decodeTracesProtobuf } from './decode/tracesProtobuf.ts';
export { decodeUsageEvents } from './decode/usageEvents.ts';
export { decodeUsageNdjson } from './decode/usageNdjson.ts';
export { REQUEST_METRIC, REQUEST_METRIC_BOUNDARIES, REQUEST_METRIC_HELP } from './metrics/metricNames.ts';
export type { RecordRequestMetrics, RequestMetricsOptions } from './metrics/requestMetrics.ts';
export { createRequestMetrics, MAX_MODELS } from './metrics/requestMetrics.ts';
export type { InputToken } from './receive/accessTokens.ts';
export type { DecodeNdjson, Wait } from './receive/archiveAccept.ts';
export { type BackfillOptions, runBackfill } from './receive/archiveBackfill.ts';
export type { BackfillProgress } from './receive/archiveProgress.ts';
export { type ArchiveBatch, type ArchiveProblem, readArchive } from './receive/archiveRead.ts';
export type { BackfillSummary, RefusedLine } from './receive/archiveSummary.ts';
export type { BucketClient, BucketPage, BucketSettings, CreateBucketClient } from './receive/bucketClient.ts';
export { BUCKET_FAULTS, type BucketFaultCode } from './receive/bucketErrors.ts';
export {
  type BucketFollower,
  type BucketFollowerOptions,
  createBucketFollower,
  type FollowerHealth,
} from './receive/bucketFollower.ts';
export type { PollResult } from './receive/bucketPoll.ts';
export { OWN_FAULTS, type PollFault } from './receive/bucketPollFault.ts';
export {
  type FollowerSnapshot,
  type FollowerState,
  fileFollowerState,
  type SetAsideObject,
} from './receive/bucketState.ts';
export { HTTP_ERRORS } from './receive/httpErrors.ts';
export { ARCHIVE_METRIC_HELP, FOLLOWER_METRIC_HELP, INPUT_METRIC_HELP } from './receive/inputMetricHelp.ts';
export type { ReceiverEnv } from './receive/nodeRequest.ts';
export type { BucketRule } from './receive/objectPlace.ts';
export type { ObjectStoreReceiverOptions } from './receive/objectStore.ts';
export { MAX_INFLATED_OBJECT_BYTES, MAX_OBJECT_BYTES, objectStoreReceiver } from './receive/objectStore.ts';
export type { OtlpReceiverOptions } from './receive/otlp.ts';
export { MAX_INFLATED_OTLP_BYTES, MAX_OTLP_BYTES, otlpReceiver } from './receive/otlp.ts';
export type { ReceiverDeps } from './receive/receiver.ts';
export { RECEIVE_METRICS } from './receive/receiver.ts';
export { S3_ERRORS } from './receive/s3Errors.ts';
export type { TelemetryReceiverOptions } from './receive/telemetry.ts';
export { telemetryReceiver } from './receive/telemetry.ts';
export type { Accept, AttemptReport, Delivery, InputName, Refusal, SpanReport, UsageReport } from './report.ts';
export { INPUTS } from './report.ts';
export type { AttributeName } from './spans/attributes.ts';
export { ATTRIBUTE, DEFAULT_SERVICE_NAME, DISTRO_NAME, SCOPE_NAME } from './spans/attributes.ts';
export type { AttributeEntry, AttributePlace } from './spans/attributeTable.ts';
export { ATTRIBUTE_TABLE } from './spans/attributeTable.ts';
export { MAX_LIST_ITEMS, MAX_TEXT_BYTES } from './spans/attributeValue.ts';
export type { FilterReason, FilterSettings, RequestFilter } from './spans/filter.ts';
export { createFilter, FILTER_REASONS } from './spans/filter.ts';
export type { RequestKey, TraceIdMode } from './spans/ids.ts';
export { exportedTraceId, requestKeyHash } from './spans/ids.ts';
export type { RedactionSettings } from './spans/redaction.ts';
export type { SpanOptions, SpanSettings } from './spans/requestSpans.ts';
export { createSpanOptions, requestSpans } from './spans/requestSpans.ts';
export type { ResourceSettings } from './spans/resources.ts';
export type { SampleDecision, SampleReason, Sampler, SamplingSettings } from './spans/sampling.ts';
export { createSampler, SAMPLE_REASONS } from './spans/sampling.ts';
export type { SerializeSpans, SpanProtocol } from './spans/serialize.ts';
export { contentTypeOf, createSpanSerializer } from './spans/serialize.ts';
export type { DestinationSpanConfig, PreparedRequest, SkipReason } from './spans/spanEncoder.ts';
export { createRequestPreparer, UnreadableRequestError } from './spans/spanEncoder.ts';
