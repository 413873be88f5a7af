import { isUtf8 } from 'node:buffer';
import type { UsageReport } from '../report.ts';
import type { DecodeContext, UsageDecoded } from './context.ts';
import { hasDuplicateKeys } from './duplicateKeys.ts';
import { FAULTS, type Fault, TimeReader } from './identity.ts';
import { nestsDeeperThan } from './jsonDepth.ts';
import { DEPTH_CHECK_FROM, MAX_BAD_LINES, MAX_JSON_DEPTH, MAX_LINE_BYTES } from './limits.ts';
import { RefusalList } from './refusalList.ts';
import { Tally } from './tally.ts';
import { usageReportOf } from './usageEvent.ts';

const NEWLINE = 0x0a;

const LINE_FAULTS = {
  json: { code: 'invalid_json', message: 'expected one JSON object on the line' },
  utf8: { code: 'invalid_utf8', message: 'expected UTF-8' },
  deep: { code: 'too_deep', message: 'expected at most 64 levels of nesting' },
  long: { code: 'line_too_long', message: 'expected a line of at most 16 MiB' },
  many: { code: 'too_many_refusals', message: 'the rest is not looked at after 10,000 bad lines' },
} as const satisfies Readonly<Record<string, Fault>>;

/**
 * Decodes NDJSON of usage events (plain, not gzip). Never throws. `Refusal.index` is the line number, counted from
 * `firstLine` (default 1), so that a large archive can be decoded in pieces cut at line ends. Blank lines are skipped.
 */
export function decodeUsageNdjson(bytes: Uint8Array, ctx: DecodeContext, firstLine = 1): UsageDecoded {
  const tally = new Tally();
  const time = new TimeReader(ctx.now);
  const refused = new RefusalList(ctx, tally);
  const reports: UsageReport[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = startsWithByteOrderMark(buffer) ? 3 : 0;
  let line = firstLine;
  for (let at = start; at < buffer.length; line += 1) {
    const newline = buffer.indexOf(NEWLINE, at);
    const end = newline < 0 ? buffer.length : newline;
    const slice = buffer.subarray(at, end);
    at = end + 1;
    if (isBlank(slice)) continue;
    if (refused.count >= MAX_BAD_LINES) {
      refused.add(line, LINE_FAULTS.many, () => buffer.subarray(end - slice.length));
      break;
    }
    const parsed = parseLine(slice);
    const decoded = 'fault' in parsed ? parsed.fault : usageReportOf(parsed.value, time, tally);
    if ('feed' in decoded) reports.push(decoded);
    else refused.add(line, decoded, () => slice);
  }
  tally.report(ctx.recorder, ctx.input);
  return { reports, refused: refused.listed, refusedCount: refused.count };
}

function parseLine(line: Buffer): { readonly value: unknown } | { readonly fault: Fault } {
  if (line.length > MAX_LINE_BYTES) return { fault: LINE_FAULTS.long };
  if (!isUtf8(line)) return { fault: LINE_FAULTS.utf8 };
  const text = line.toString('utf8');
  if (text.length > DEPTH_CHECK_FROM && nestsDeeperThan(text, MAX_JSON_DEPTH)) return { fault: LINE_FAULTS.deep };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: LINE_FAULTS.json };
  }
  return hasDuplicateKeys(text, value) ? { fault: FAULTS.duplicateKey } : { value };
}

/** Spaces, tabs and carriage returns only. */
function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

function startsWithByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
