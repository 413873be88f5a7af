import { withoutSecrets } from '@aisix-observability/evidence';
import { hashedValue, type KeyedHash } from './keyedHash.ts';
import { cleanText, type Found } from './plainText.ts';

/** A part of a path without separators, of letters and digits mixed: rather a token than a word. */
const TOKEN_PART = /^(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_]{20,}$/;

/** One part of the path of a URL, hashed where it looks like a token. */
export function safePart(part: string, hash: KeyedHash, found: Found): string {
  const plain = decoded(part);
  if (TOKEN_PART.test(plain) || withoutSecrets(plain, found) !== plain) return hashedValue(plain, hash);
  return part;
}

function decoded(part: string): string {
  try {
    return cleanText(decodeURIComponent(part));
  } catch {
    return part;
  }
}
