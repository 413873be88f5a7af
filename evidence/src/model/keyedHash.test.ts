import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyedHash } from './keyedHash.ts';

describe('a keyed hash', () => {
  it('is the start of the HMAC of RFC 4231, case 2', () => {
    expect(createKeyedHash('Jefe')('what do ya want for nothing?')).toBe('hmac:5bdcc146bf60');
  });

  it('has one form, and is the same for the same text and key whatever was hashed before', () => {
    const used = createKeyedHash('a key of the installation');
    for (let i = 0; i < 5000; i++) used(`caller ${i}`);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(used(text)).toMatch(/^hmac:[0-9a-f]{12}$/);
        expect(used(text)).toBe(createKeyedHash('a key of the installation')(text));
        expect(used(text)).not.toBe(createKeyedHash('another key of another installation')(text));
      }),
    );
  });

  it('refuses to be made without a key', () => {
    expect(() => createKeyedHash('')).toThrow(RangeError);
  });
});
