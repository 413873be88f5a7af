/** Bytes to begin with: a full batch of 512 spans is about 400 kB. */
const FIRST_BYTES = 512 * 1024;

/** UTF-16 units up to which a loop beats the call that writes a text. */
const SHORT_TEXT = 32;

/** No UTF-16 unit needs more bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

/** Longest varint. */
const VARINT_BYTES = 10;

const TWO_32 = 0x1_0000_0000;

/** Value of a hex digit by its character code. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

/**
 * Writes protobuf into one buffer that is used again for the next message. Lengths stand before what they count and are
 * known after it: a place is left, and the bytes move up when it turns out too small.
 */
export class ProtobufWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(firstBytes = FIRST_BYTES) {
    this.#buffer = Buffer.allocUnsafe(firstBytes);
  }

  /** What was written, copied, and an empty writer. */
  take(): Uint8Array {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  /** Leaves a place of `width` bytes for a length. */
  open(width: number): number {
    this.#need(width);
    this.#at += width;
    return this.#at;
  }

  /** Fills the place left by `open`, which had the same width and returned `start`. */
  close(start: number, width: number): void {
    const length = this.#at - start;
    const size = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    if (size !== width) {
      this.#need(VARINT_BYTES);
      this.#buffer.copyWithin(start + size - width, start, this.#at);
      this.#at += size - width;
    }
    let at = start - width;
    let rest = length;
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[at++] = (rest & 0x7f) | 0x80;
    this.#buffer[at] = rest;
  }

  byte(value: number): void {
    this.#need(1);
    this.#buffer[this.#at++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#need(value.length);
    const buffer = this.#buffer;
    let at = this.#at;
    for (let index = 0; index < value.length; index += 1) buffer[at++] = value[index] as number;
    this.#at = at;
  }

  /** A whole number, negative ones as 64 bits. */
  varint(value: number): void {
    this.#need(VARINT_BYTES);
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    while (high > 0 || low > 0x7f) {
      this.#buffer[this.#at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#buffer[this.#at++] = low;
  }

  fixed32(value: number): void {
    this.#need(4);
    this.#at = this.#buffer.writeUInt32LE(value >>> 0, this.#at);
  }

  double(value: number): void {
    this.#need(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** Nanoseconds since 1970 of seconds and nanoseconds, in 64 bits. */
  nanoseconds([seconds, nanos]: readonly [number, number]): void {
    const upper = Math.floor(seconds / 0x1_0000) * 1e9;
    // Exact: below 2^47, while the product of seconds and nanoseconds is beyond what a double counts.
    const lower = (upper % 0x1_0000) * 0x1_0000 + (seconds % 0x1_0000) * 1e9 + nanos;
    this.fixed32(lower);
    this.fixed32(Math.floor(lower / TWO_32) + Math.floor(upper / 0x1_0000));
  }

  /** Bytes of a hex text with their length. */
  hex(text: string): void {
    this.#need(1 + text.length);
    const buffer = this.#buffer;
    let at = this.#at;
    buffer[at++] = text.length >>> 1;
    for (let index = 0; index < text.length; index += 2) {
      buffer[at++] = ((DIGITS[text.charCodeAt(index)] as number) << 4) | (DIGITS[text.charCodeAt(index + 1)] as number);
    }
    this.#at = at;
  }

  /** A text with its length. */
  text(text: string): void {
    const { length } = text;
    this.#need(VARINT_BYTES + length * MOST_BYTES_PER_UNIT);
    if (length <= SHORT_TEXT) {
      const buffer = this.#buffer;
      const start = this.#at + 1;
      let at = start;
      let index = 0;
      for (; index < length; index += 1) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) break;
        buffer[at++] = code;
      }
      if (index === length) {
        buffer[start - 1] = length;
        this.#at = at;
        return;
      }
    }
    const width = length < 0x80 ? 1 : 2;
    const start = this.open(width);
    this.#at += this.#buffer.write(text, start, 'utf8');
    this.close(start, width);
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}
