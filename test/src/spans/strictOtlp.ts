import protobuf from 'protobufjs';
import { EXPORT_REQUEST } from './traceSchema.ts';

/** A decoded message: fields by their JSON name, 64-bit integers as decimal text, bytes as hex, defaults left out. */
export type Decoded = { readonly [field: string]: unknown };

/** Sizes in bytes of fields that hold ids; they may not be all zero. */
const ID_BYTES: Readonly<Record<string, number>> = { traceId: 16, spanId: 8, parentSpanId: 8 };

const LENGTH_DELIMITED = 2;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes OTLP protobuf and accepts nothing that the schema does not know: unknown fields, other wire types, values of
 * enums without a name, text that is not UTF-8, ids of a wrong length.
 */
export function decodeProtobufStrictly(bytes: Uint8Array): Decoded {
  return readMessage(EXPORT_REQUEST, protobuf.Reader.create(bytes), bytes.length, '');
}

function readMessage(type: protobuf.Type, reader: protobuf.Reader, end: number, path: string): Decoded {
  const message: Record<string, unknown> = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (field === undefined) throw new Error(`${path}: unknown field ${tag >>> 3} of ${type.name}`);
    const at = `${path}.${field.name}`;
    const value = readField(field, tag & 7, reader, at);
    if (field.repeated) {
      message[field.name] = [...((message[field.name] as unknown[] | undefined) ?? []), value];
    } else if (field.name in message) {
      throw new Error(`${at}: twice`);
    } else if (field.partOf !== null || !isDefault(value)) {
      message[field.name] = value;
    }
  }
  if (reader.pos !== end) throw new Error(`${path}: a field reaches beyond its message`);
  return message;
}

function readField(field: protobuf.Field, wireType: number, reader: protobuf.Reader, at: string): unknown {
  const resolved = field.resolvedType;
  if (resolved instanceof protobuf.Type) {
    if (wireType !== LENGTH_DELIMITED) throw new Error(`${at}: wire type ${wireType}`);
    const length = reader.uint32();
    return readMessage(resolved, reader, reader.pos + length, at);
  }
  const basic = resolved instanceof protobuf.Enum ? 'int32' : field.type;
  const expected = protobuf.types.basic[basic as keyof typeof protobuf.types.basic];
  if (wireType !== expected) throw new Error(`${at}: wire type ${wireType}, not ${expected}`);
  switch (basic) {
    case 'string':
      return utf8.decode(reader.bytes());
    case 'bytes':
      return checkedId(field.name, Buffer.from(reader.bytes()).toString('hex'), at);
    case 'bool':
      return reader.bool();
    case 'double':
      return reader.double();
    case 'uint32':
      return reader.uint32();
    case 'fixed32':
      return reader.fixed32();
    case 'int32':
      return checkedEnum(resolved as protobuf.Enum, reader.int32(), at);
    case 'int64':
      return String(reader.int64());
    case 'fixed64':
      return String(reader.fixed64());
    default:
      throw new Error(`${at}: no reader for ${basic}`);
  }
}

/**
 * Decodes OTLP JSON as strictly: unknown keys, names instead of numbers for enums, ids that are not hex of the right
 * length, integers that a double cannot hold. A key whose value is left out (undefined) does not exist in JSON.
 */
export function decodeJsonStrictly(bytes: Uint8Array): Decoded {
  return convert(EXPORT_REQUEST, JSON.parse(utf8.decode(bytes)), '');
}

function convert(type: protobuf.Type, json: unknown, path: string): Decoded {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`${path}: not an object`);
  const message: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    const field = type.fields[name];
    if (field === undefined) throw new Error(`${path}: unknown key ${name} of ${type.name}`);
    const at = `${path}.${name}`;
    if (field.repeated) {
      if (!Array.isArray(value)) throw new Error(`${at}: not a list`);
      const list = value.map((item: unknown) => convertField(field, item, at));
      if (list.length > 0) message[name] = list;
      continue;
    }
    const converted = convertField(field, value, at);
    if (field.partOf !== null || !isDefault(converted)) message[name] = converted;
  }
  return message;
}

function convertField(field: protobuf.Field, value: unknown, at: string): unknown {
  const resolved = field.resolvedType;
  if (resolved instanceof protobuf.Type) return convert(resolved, value, at);
  if (resolved instanceof protobuf.Enum) return checkedEnum(resolved, integer(value, at), at);
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string' || !value.isWellFormed()) throw new Error(`${at}: not a text`);
      return value;
    case 'bytes':
      if (typeof value !== 'string' || !/^[0-9a-f]*$/.test(value)) throw new Error(`${at}: not hex`);
      return checkedId(field.name, value, at);
    case 'bool':
      if (typeof value !== 'boolean') throw new Error(`${at}: not a flag`);
      return value;
    case 'double':
      if (typeof value !== 'number') throw new Error(`${at}: not a number`);
      return value;
    case 'uint32':
    case 'fixed32':
      return integer(value, at);
    case 'int64':
    case 'fixed64':
      if (typeof value === 'string' && /^-?\d+$/.test(value)) return String(BigInt(value));
      return String(integer(value, at));
    default:
      throw new Error(`${at}: no reader for ${field.type}`);
  }
}

function integer(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value)) throw new Error(`${at}: not an integer`);
  // Minus zero is no integer of the wire.
  return (value as number) + 0;
}

function checkedEnum(type: protobuf.Enum, value: number, at: string): number {
  if (type.valuesById[value] === undefined) throw new Error(`${at}: ${value} has no name`);
  return value;
}

function checkedId(name: string, hex: string, at: string): string {
  const size = ID_BYTES[name];
  if (size !== undefined && (hex.length !== size * 2 || /^0*$/.test(hex))) throw new Error(`${at}: not an id`);
  return hex;
}

function isDefault(value: unknown): boolean {
  return value === 0 || value === '' || value === false || value === '0';
}
