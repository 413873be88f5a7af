import type { TracesDecoded } from '../decode/context.ts';
import { OTLP } from '../decode/otlpMessages.ts';
import type { HttpError } from './httpErrors.ts';

/** The two encodings of OTLP/HTTP. */
export type OtlpEncoding = 'json' | 'protobuf';

const CONTENT_TYPE = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

/** `google.rpc.Code` numbers for the classes of HTTP status that are answered here. */
const RPC_CODES: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [413, 8],
  [415, 3],
  [503, 14],
]);

/** Reasons that a partial-success message spells out; the count is of all. */
const MAX_REASONS = 5;

/** 200, with partial success when spans were refused. */
export function acceptedReply(decoded: TracesDecoded, encoding: OtlpEncoding): Response {
  const { rejectedSpans } = decoded;
  const partialSuccess = { rejectedSpans: String(rejectedSpans), errorMessage: reasonsOf(decoded) };
  const reply = rejectedSpans === 0 ? {} : { partialSuccess };
  const body = encoding === 'json' ? JSON.stringify(reply) : encode(OTLP.response, reply);
  return new Response(body, { status: 200, headers: { 'content-type': CONTENT_TYPE[encoding] } });
}

/** Each reason once, in order of appearance. */
function reasonsOf({ refused }: TracesDecoded): string {
  const reasons = new Set(refused.map(({ code, message }) => `${code}: ${message}`));
  const listed = [...reasons].slice(0, MAX_REASONS).join('; ');
  return reasons.size > MAX_REASONS ? `${listed}; and ${reasons.size - MAX_REASONS} more reasons` : listed;
}

/**
 * A refused request: in JSON the project's own `error` beside the `Status` that OTLP asks for, in protobuf the
 * `Status` alone with the code in front of its message.
 */
export function refusedReply(error: HttpError, encoding: OtlpEncoding): Response {
  const code = RPC_CODES.get(error.status) ?? 2;
  const headers = error.headers();
  headers.set('content-type', CONTENT_TYPE[encoding]);
  const body =
    encoding === 'json'
      ? JSON.stringify({ error: { code: error.code, message: error.message }, code, message: error.message })
      : encode(OTLP.status, { code, message: `${error.code}: ${error.message}` });
  return new Response(body, { status: error.status, headers });
}

function encode(type: typeof OTLP.response, value: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(type.encode(type.fromObject(value)).finish());
}
