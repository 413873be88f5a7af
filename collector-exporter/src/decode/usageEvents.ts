import type { DecodeContext, UsageDecoded } from './context.ts';

/** Decodes a batch of usage events (`{"events":[…]}` of the gateway, already parsed). Never throws. */
export function decodeUsageEvents(_events: readonly unknown[], _ctx: DecodeContext): UsageDecoded {
  throw new Error('signature only');
}
