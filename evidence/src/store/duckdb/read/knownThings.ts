/** Free slots for each taken one, so that most are found at the first look. */
const ROOM = 4;
const FIRST_SLOTS = 4_096;

/**
 * Things that rows share, by their number: a place for each, and the thing once somebody has read it. They are the same
 * in every window, so that a second one need not read them again. Numbers are looked up by their bits: a `Map` would make
 * an object of each double, which for some hundred thousand of them costs more than the query.
 */
export class KnownThings<Thing> {
  /** By place: bits of the number, two words each. */
  #words = new Int32Array(FIRST_SLOTS / 2);
  /** By slot: a place, or -1. A power of two of slots. */
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  readonly #things: (Thing | undefined)[] = [];

  get size(): number {
    return this.#things.length;
  }

  at(place: number): Thing | undefined {
    return this.#things[place];
  }

  /** Places of numbers, which those that were not known yet are given. */
  placesOf(numbers: Float64Array): Int32Array {
    const places = new Int32Array(numbers.length);
    const asked = wordsOf(numbers);
    let [words, slots] = [this.#words, this.#slots];
    let mask = slots.length - 1;
    for (let row = 0; row < places.length; row += 1) {
      const low = asked[2 * row] ?? 0;
      const high = asked[2 * row + 1] ?? 0;
      let slot = slotOf(low, high) & mask;
      let place = slots[slot] ?? -1;
      while (place !== -1 && (words[2 * place] !== low || words[2 * place + 1] !== high)) {
        slot = (slot + 1) & mask;
        place = slots[slot] ?? -1;
      }
      if (place === -1) {
        place = this.#add(low, high, slot);
        [words, slots] = [this.#words, this.#slots];
        mask = slots.length - 1;
      }
      places[row] = place;
    }
    return places;
  }

  /** Says what has a number. */
  put(number: number, thing: Thing): void {
    const [place = 0] = this.placesOf(Float64Array.of(number));
    this.#things[place] = thing;
  }

  #add(low: number, high: number, slot: number): number {
    const place = this.#things.push(undefined) - 1;
    this.#slots[slot] = place;
    this.#words[2 * place] = low;
    this.#words[2 * place + 1] = high;
    if (this.#things.length * ROOM >= this.#slots.length) this.#grow();
    return place;
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let place = 0; place < this.#things.length; place += 1) {
      let slot = slotOf(words[2 * place] ?? 0, words[2 * place + 1] ?? 0) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = place;
    }
  }
}

/** The two words of each double, in the machine's order. */
const wordsOf = (doubles: Float64Array): Int32Array =>
  new Int32Array(doubles.buffer, doubles.byteOffset, 2 * doubles.length);

/** Whole numbers fill a double from the top: what tells them apart is brought down before it is mixed. */
function slotOf(low: number, high: number): number {
  const mixed = Math.imul(high ^ (low >>> 13) ^ Math.imul(low, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Numbers places in the order in which they first come. */
export class Occurring {
  readonly places: number[] = [];
  #numbers = new Int32Array(FIRST_SLOTS).fill(-1);

  numbersOf(places: Int32Array): Int32Array {
    const found = new Int32Array(places.length);
    let numbers: Int32Array = this.#numbers;
    for (let row = 0; row < found.length; row += 1) {
      const place = places[row] ?? 0;
      if (place >= numbers.length) numbers = this.#grow(place);
      let number = numbers[place] ?? -1;
      if (number === -1) {
        number = this.places.push(place) - 1;
        numbers[place] = number;
      }
      found[row] = number;
    }
    return found;
  }

  #grow(place: number): Int32Array {
    const numbers = new Int32Array(2 * place).fill(-1);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    return numbers;
  }
}
