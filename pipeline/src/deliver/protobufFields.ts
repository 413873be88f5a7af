/** One field of a protobuf message: a varint, or the bytes of a text or an inner message. */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const LONGEST_VARINT_BYTES = 10;

/**
 * The varint and byte fields of one protobuf message, in order; undefined when the bytes are no such message. Enough
 * for the two small answers of OTLP, so that this room needs no schema compiler.
 */
export function protobufFields(bytes: Uint8Array): readonly ProtobufField[] | undefined {
  const fields: ProtobufField[] = [];
  let position = 0;

  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let length = 0; length < LONGEST_VARINT_BYTES; length += 1) {
      const byte = bytes[position];
      if (byte === undefined) return undefined;
      position += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * length);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  };

  while (position < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag > 0xffff_ffffn) return undefined;
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number === 0) return undefined;
    if (wire === VARINT) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ number, value });
    } else if (wire === BYTES) {
      const length = varint();
      if (length === undefined || length > BigInt(bytes.length - position)) return undefined;
      fields.push({ number, value: bytes.subarray(position, position + Number(length)) });
      position += Number(length);
    } else if (wire === FIXED64 || wire === FIXED32) {
      position += wire === FIXED64 ? 8 : 4;
      if (position > bytes.length) return undefined;
    } else {
      return undefined;
    }
  }
  return fields;
}
