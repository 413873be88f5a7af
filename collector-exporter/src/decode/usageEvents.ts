import type { UsageReport } from '../report.ts';
import type { DecodeContext, UsageDecoded } from './context.ts';
import { TimeReader } from './identity.ts';
import { jsonOf, RefusalList } from './refusalList.ts';
import { Tally } from './tally.ts';
import { usageReportOf } from './usageEvent.ts';

/**
 * Decodes a batch of usage events that is already parsed (`events` of `POST /dp/telemetry`). One bad event is refused
 * by its position (from 0) and reason, its neighbours are kept. Never throws.
 */
export function decodeUsageEvents(events: readonly unknown[], ctx: DecodeContext): UsageDecoded {
  const tally = new Tally();
  const time = new TimeReader(ctx.now);
  const refused = new RefusalList(ctx, tally);
  const reports: UsageReport[] = [];
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index];
    const decoded = usageReportOf(event, time, tally);
    if ('feed' in decoded) reports.push(decoded);
    else refused.add(index, decoded, () => jsonOf(event));
  }
  tally.report(ctx.recorder, ctx.input);
  return { reports, refused: refused.listed, refusedCount: refused.count };
}
