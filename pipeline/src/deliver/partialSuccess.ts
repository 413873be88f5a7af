import { printable } from './printable.ts';
import { protobufFields } from './protobufFields.ts';

/** What a success answer says. `message` without `rejected` is a warning. */
export interface Reading {
  readonly rejected: number;
  readonly message?: string;
}

const NOTHING_REJECTED: Reading = { rejected: 0 };

/** One per signal; an answer only ever holds its own. */
const REJECTED_KEYS = ['rejectedSpans', 'rejectedLogRecords', 'rejectedDataPoints', 'rejectedProfiles'];

/**
 * Reads `ExportTraceServiceResponse` and its siblings for logs and metrics, which share field numbers: 1 is
 * `partial_success`, in it 1 is the count and 2 the message. Undefined when the body makes no sense; no body is a
 * full success.
 */
export function readPartialSuccess(body: Uint8Array, contentType: string | undefined): Reading | undefined {
  if (body.length === 0) return NOTHING_REJECTED;
  return isJson(body, contentType) ? fromJson(body) : fromProtobuf(body);
}

/** By content type; an answer without one is JSON when it begins like an object. */
export function isJson(body: Uint8Array, contentType: string | undefined): boolean {
  if (contentType === undefined || contentType.trim() === '') return body[0] === 0x7b;
  return contentType.toLowerCase().includes('json');
}

function reading(rejected: number, message: string | undefined): Reading {
  const text = message === undefined ? '' : printable(message);
  return text === '' ? { rejected } : { rejected, message: text };
}

function fromJson(body: Uint8Array): Reading | undefined {
  const document = parseObject(body);
  if (document === undefined) return undefined;
  const partial = document.partialSuccess ?? document.partial_success;
  if (partial === undefined || partial === null) return NOTHING_REJECTED;
  if (typeof partial !== 'object') return undefined;
  const fields = partial as Readonly<Record<string, unknown>>;
  const message = fields.errorMessage ?? fields.error_message;
  const found = REJECTED_KEYS.flatMap((key) => [key, key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)])
    .map((key) => fields[key])
    .find((value) => value !== undefined && value !== null);
  // 64-bit integers are decimal text in OTLP/JSON; several backends write a number.
  const rejected = found === undefined ? 0 : Number(found);
  if (!Number.isInteger(rejected) || rejected < 0) return undefined;
  return reading(rejected, typeof message === 'string' ? message : undefined);
}

function fromProtobuf(body: Uint8Array): Reading | undefined {
  const answer = protobufFields(body);
  if (answer === undefined) return undefined;
  const partial = answer.find((field) => field.number === 1)?.value;
  if (partial === undefined) return NOTHING_REJECTED;
  const fields = typeof partial === 'bigint' ? undefined : protobufFields(partial);
  if (fields === undefined) return undefined;
  const count = fields.find((field) => field.number === 1)?.value ?? 0n;
  const message = fields.find((field) => field.number === 2)?.value ?? new Uint8Array();
  if (typeof count !== 'bigint' || typeof message === 'bigint') return undefined;
  const rejected = BigInt.asIntN(64, count);
  if (rejected < 0n) return undefined;
  return reading(Number(rejected), new TextDecoder().decode(message));
}

/** The words of a refusal: the `message` of a `google.rpc.Status` in JSON or protobuf (field 2), else the text itself. */
export function readRefusal(body: Uint8Array, contentType: string | undefined): string | undefined {
  if (body.length === 0) return undefined;
  const words = refusalWords(body, contentType) ?? new TextDecoder().decode(body.subarray(0, 4_096));
  const text = printable(words);
  return text === '' ? undefined : text;
}

function refusalWords(body: Uint8Array, contentType: string | undefined): string | undefined {
  if (isJson(body, contentType)) {
    const message = parseObject(body)?.message;
    return typeof message === 'string' ? message : undefined;
  }
  if (contentType?.includes('protobuf') !== true) return undefined;
  const message = protobufFields(body)?.find((field) => field.number === 2)?.value;
  return message instanceof Uint8Array ? new TextDecoder().decode(message) : undefined;
}

function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
