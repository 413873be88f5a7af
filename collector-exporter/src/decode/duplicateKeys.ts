import { endOfString } from './jsonDepth.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LIST = 0x5b;
const OBJECT = 0x7b;

/**
 * Whether some object of a JSON text names a key twice. Parsers differ in which value they take, so a proxy and this
 * server may read two different events. `value` is what the engine made of the text: it holds each key once, so that
 * counting is enough (2 µs an event); where they are is only looked for when the counts differ.
 */
export function hasDuplicateKeys(text: string, value: unknown): boolean {
  const members = membersOf(value);
  // Where no blank stands before a colon, what is counted first is never too small, so that equality is proof enough.
  if (!BLANK_BEFORE_COLON.test(text) && quotesBeforeColons(text) === members) return false;
  return membersInText(text) !== members;
}

const BLANK_BEFORE_COLON = /"[ \t\n\r]+:/;

/** Every member that is written without blanks, and what looks like one inside of strings. */
function quotesBeforeColons(text: string): number {
  let found = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    if (text.charCodeAt(at - 1) === QUOTE) found += 1;
  }
  return found;
}

/** Stands where an element was that names a key twice. */
export const AMBIGUOUS = Symbol('names a key twice');

/**
 * Replaces elements that hold an object with a duplicate key by {@link AMBIGUOUS}. Elements lie at
 * `value[lists[0]][i][lists[1]][j]…`.
 *
 * @returns false when there are duplicate keys outside of elements, so that it is not even sure which elements there are.
 */
export function markAmbiguous(text: string, value: unknown, lists: readonly string[]): boolean {
  if (!hasDuplicateKeys(text, value)) return true;
  const depth = lists.length * 2;
  return everyDuplicate(text, depth, (path) => {
    if (path.length < depth || lists.some((name, at) => path[at * 2] !== name)) return false;
    let list = value;
    for (const step of path.slice(0, -1)) list = Reflect.get(Object(list), step);
    Reflect.set(Object(list), path[depth - 1] ?? '', AMBIGUOUS);
    return true;
  });
}

/** Colons outside of strings. */
function membersInText(text: string): number {
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) break;
    } else if (code === COLON) members += 1;
  }
  return members;
}

/** Keys of all objects in a value; without recursion, since a short text may nest thousands deep. */
function membersOf(value: unknown): number {
  let members = 0;
  const left: unknown[] = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const counts = Array.isArray(next) ? 0 : 1;
    for (const key in next) {
      members += counts;
      const inner: unknown = (next as Record<string, unknown>)[key];
      if (typeof inner === 'object' && inner !== null) left.push(inner);
    }
  }
  return members;
}

type Step = string | number;

interface Level {
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** Where the walk is in it. */
  step: Step;
  expectsKey: boolean;
}

/**
 * Walks a valid JSON text and calls back with the way to each object in which a key is named once more, at most `depth`
 * steps of it. Stops and answers false as soon as the callback does.
 */
function everyDuplicate(text: string, depth: number, onDuplicate: (path: readonly Step[]) => boolean): boolean {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1);
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (level?.keys !== undefined && level.expectsKey) {
          const key = JSON.parse(text.slice(at, end + 1)) as string;
          const again = level.keys.has(key);
          if (
            again &&
            !onDuplicate(
              levels
                .slice(0, -1)
                .slice(0, depth)
                .map(({ step }) => step),
            )
          )
            return false;
          level.keys.add(key);
          level.step = key;
          level.expectsKey = false;
        }
        at = end;
        break;
      }
      case COMMA:
        if (level === undefined) break;
        if (level.keys !== undefined) level.expectsKey = true;
        else level.step = Number(level.step) + 1;
        break;
      case OBJECT:
        levels.push({ keys: new Set(), step: '', expectsKey: true });
        break;
      case LIST:
        levels.push({ keys: undefined, step: 0, expectsKey: false });
        break;
      case 0x5d:
      case 0x7d:
        levels.pop();
        break;
    }
  }
  return true;
}
