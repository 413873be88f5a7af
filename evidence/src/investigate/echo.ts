import type { ChangedPath, ConfigChange } from '../model/change.ts';

/** Hashes and short words stand in messages by chance. */
const LEAST_LENGTH = 4;
/** A timeout of 110 ms is told as "after 110ms" to "after 117ms". */
const NUMBER_SLACK = 0.1;
const LEAST_NUMBER = 10;
const NUMBERS = /\d+(?:\.\d+)?/g;
const HASHED = /^hmac:[0-9a-f]{12}$/;

/** `host:port`, or the whole text where it is no address. */
function needleOf(text: string): string | undefined {
  if (HASHED.test(text)) return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(text)?.[1];
  const needle = address ?? text;
  return needle.length < LEAST_LENGTH ? undefined : needle;
}

function says(message: string, value: unknown): boolean {
  if (typeof value === 'string') {
    const needle = needleOf(value);
    return needle !== undefined && message.includes(needle);
  }
  if (typeof value === 'number' && value >= LEAST_NUMBER) {
    return (message.match(NUMBERS) ?? []).some((found) => {
      const number = Number(found);
      return number >= value && number <= value * (1 + NUMBER_SLACK);
    });
  }
  return false;
}

const isEcho = ({ before, after }: ChangedPath, message: string): boolean =>
  after !== undefined && says(message, after) && !says(message, before);

/** Whether an error message quotes what a change put in, and not what was there before. */
export function echoes({ paths }: ConfigChange, message: string): boolean {
  return paths.some((path) => isEcho(path, message));
}
