/** Free slots for each taken one, so that most are found at the first look. */
const ROOM = 4;

/**
 * Finds doubles among known ones by their bits. A `Map` would make an object of each double that is looked up, which for
 * some hundred thousand of them costs more than the query.
 */
export interface PlaceIndex {
  /** Bits of the known ones, two words each. */
  readonly words: Uint32Array;
  /** By slot: a place among them, or -1. A power of two of slots. */
  readonly places: Int32Array;
}

/** The two words of each double, in the machine's order. */
const wordsOf = (doubles: Float64Array): Uint32Array =>
  new Uint32Array(doubles.buffer, doubles.byteOffset, 2 * doubles.length);

/** Hashes of whole numbers fill the upper bits of the fraction: both words take part. */
const slotOf = (low: number, high: number, mask: number): number =>
  (Math.imul(low ^ (high << 7), 0x9e3779b1) >>> 7) & mask;

/** @param known different doubles */
export function indexPlaces(known: readonly number[]): PlaceIndex {
  const words = wordsOf(Float64Array.from(known));
  let size = 16;
  while (size < known.length * ROOM) size *= 2;
  const mask = size - 1;
  const places = new Int32Array(size).fill(-1);
  for (let place = 0; place < known.length; place += 1) {
    let slot = slotOf(words[2 * place] ?? 0, words[2 * place + 1] ?? 0, mask);
    while (places[slot] !== -1) slot = (slot + 1) & mask;
    places[slot] = place;
  }
  return { words, places };
}

/** Of each double its place among the known ones, or -1. */
export function placesOf({ words, places }: PlaceIndex, doubles: Float64Array): Int32Array {
  const asked = wordsOf(doubles);
  const mask = places.length - 1;
  const found = new Int32Array(doubles.length);
  for (let at = 0; at < found.length; at += 1) {
    const [low, high] = [asked[2 * at] ?? 0, asked[2 * at + 1] ?? 0];
    let slot = slotOf(low, high, mask);
    let place = places[slot] ?? -1;
    while (place !== -1 && (words[2 * place] !== low || words[2 * place + 1] !== high)) {
      slot = (slot + 1) & mask;
      place = places[slot] ?? -1;
    }
    found[at] = place;
  }
  return found;
}
