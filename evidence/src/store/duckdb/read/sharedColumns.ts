const bytes = (length: number, each: number) => new SharedArrayBuffer(length * each);

/** In memory that other threads read in place. */
export function sharedNumbers(values: readonly number[]): Uint32Array {
  const numbers = new Uint32Array(bytes(values.length, Uint32Array.BYTES_PER_ELEMENT));
  numbers.set(values);
  return numbers;
}

/** Empty columns of a window: 24 bytes a request. */
export function sharedColumns(length: number) {
  return {
    length,
    startTime: new Float64Array(bytes(length, Float64Array.BYTES_PER_ELEMENT)),
    durationMs: new Float32Array(bytes(length, Float32Array.BYTES_PER_ELEMENT)),
    shape: new Uint32Array(bytes(length, Uint32Array.BYTES_PER_ELEMENT)),
    result: new Uint32Array(bytes(length, Uint32Array.BYTES_PER_ELEMENT)),
    message: new Int32Array(bytes(length, Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** The first rows of columns that were made for more. */
export function firstOf(columns: ReturnType<typeof sharedColumns>, length: number): typeof columns {
  return {
    length,
    startTime: columns.startTime.subarray(0, length),
    durationMs: columns.durationMs.subarray(0, length),
    shape: columns.shape.subarray(0, length),
    result: columns.result.subarray(0, length),
    message: columns.message.subarray(0, length),
  };
}
