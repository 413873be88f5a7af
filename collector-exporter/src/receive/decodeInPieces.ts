import { setImmediate } from 'node:timers/promises';
import type { DecodeContext, UsageDecoded } from '../decode/context.ts';
import { MAX_REFUSALS_LISTED } from '../decode/limits.ts';
import { decodeUsageNdjson } from '../decode/usageNdjson.ts';
import type { Refusal, UsageReport } from '../report.ts';

/** Some 4,000 events, about 20 ms: other requests are served between two pieces. */
const PIECE_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

/** `decodeUsageNdjson` over large bytes without holding up everybody else; line numbers run through. */
export async function decodeInPieces(
  bytes: Buffer,
  ctx: DecodeContext,
  pieceBytes: number = PIECE_BYTES,
): Promise<UsageDecoded> {
  if (bytes.length <= pieceBytes) return decodeUsageNdjson(bytes, ctx);
  const reports: UsageReport[] = [];
  const refused: Refusal[] = [];
  let refusedCount = 0;
  let firstLine = 1;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start + pieceBytes);
    const end = newline < 0 ? bytes.length : newline + 1;
    const piece = bytes.subarray(start, end);
    const decoded = decodeUsageNdjson(piece, ctx, firstLine);
    for (const report of decoded.reports) reports.push(report);
    refused.push(...decoded.refused.slice(0, MAX_REFUSALS_LISTED - refused.length));
    refusedCount += decoded.refusedCount;
    firstLine += linesIn(piece);
    start = end;
    await setImmediate();
  }
  return { reports, refused, refusedCount };
}

function linesIn(piece: Buffer): number {
  let lines = 0;
  for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
