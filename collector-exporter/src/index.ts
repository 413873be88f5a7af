export type { DecodeContext, TracesDecoded, UsageDecoded } from './decode/context.ts';
export type { RefusedRecord } from './decode/refused.ts';
export { decodeUsageEvents } from './decode/usageEvents.ts';
export { decodeUsageNdjson } from './decode/usageNdjson.ts';
