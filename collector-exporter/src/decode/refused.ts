import { createHash } from 'node:crypto';
import { withoutSecrets } from '@aisix-observability/evidence';
import { MAX_REFUSED_FIRST_LINE } from './limits.ts';
import type { RefusalCode } from './refusals.ts';

/** All that is kept of bytes that were refused. */
export interface RefusedRecord {
  readonly input: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly code: RefusalCode;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** The first line with every value masked, at most 256 characters. */
  readonly firstLine: string;
}

/** What may be kept of refused bytes: enough to recognise them again and to see their shape, nothing that they said. */
export function refusedRecord(refused: {
  readonly input: string;
  readonly at: number;
  readonly code: RefusalCode;
  readonly bytes: Uint8Array | string;
}): RefusedRecord {
  const { input, at, code } = refused;
  const bytes = typeof refused.bytes === 'string' ? Buffer.from(refused.bytes) : Buffer.from(refused.bytes);
  return {
    input,
    at,
    code,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    firstLine: maskedFirstLine(bytes),
  };
}

/** Enough input for a masked line of full length; the mask only makes it shorter. */
const LOOK_AT_BYTES = 4096;

const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/**
 * The first line as a shape: names of JSON fields and punctuation stay, every other text becomes `"…"`, digits
 * become `0`, and whatever is not JSON becomes `?`. So neither a prompt nor a key survives.
 */
export function maskedFirstLine(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, LOOK_AT_BYTES)).toString('utf8').trimStart();
  const end = text.search(/[\r\n]/);
  const line = end < 0 ? text : text.slice(0, end);
  const pieces = line.match(
    /"(?:[^"\\]|\\[\s\S])*"?(?:\s*:)?|[{}[\]:,]|\s+|-?\d[\d.eE+-]*|true|false|null|[^"{}[\]:,\s]+/g,
  );
  const masked = (pieces ?? []).map(maskPiece).join('').slice(0, MAX_REFUSED_FIRST_LINE);
  return withoutSecrets(masked, new Map());
}

function maskPiece(piece: string): string {
  if (piece.startsWith('"')) {
    if (piece.endsWith(':')) {
      const name = piece.slice(1, piece.lastIndexOf('"'));
      return FIELD_NAME.test(name) ? `"${name}":` : '"…":';
    }
    return '"…"';
  }
  if (/^(?:[{}[\]:,]|true|false|null)$/.test(piece)) return piece;
  if (/^\s/.test(piece)) return ' ';
  return /^-?\d/.test(piece) ? '0' : '?';
}
