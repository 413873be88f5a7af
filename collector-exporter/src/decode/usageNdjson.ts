import type { DecodeContext, UsageDecoded } from './context.ts';

/**
 * Decodes NDJSON of usage events (plain, not gzip). Never throws. `Refusal.index` is the line number, counted from
 * `firstLine` (default 1), so that a large archive can be decoded in pieces cut at line ends.
 */
export function decodeUsageNdjson(_bytes: Uint8Array, _ctx: DecodeContext, _firstLine = 1): UsageDecoded {
  throw new Error('signature only');
}
