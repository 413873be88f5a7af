import { describe, expect, it } from 'vitest';
import { loadObjects, RECORDED_SIGNING } from './load.ts';
import { objectName } from './objectKey.ts';
import { signUpload } from './signUpload.ts';

/** `20261123T063110Z` → Date. */
function amzDate(text: string): Date {
  return new Date(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

describe('signUpload', () => {
  it('reproduces every recorded header of the data plane, signature included', async () => {
    const uploads = loadObjects('story');
    expect(uploads).toHaveLength(661);
    for (const { url, headers, body } of uploads) {
      const signed = await signUpload({
        url,
        body,
        ...RECORDED_SIGNING,
        date: amzDate(headers['x-amz-date'] ?? ''),
        host: headers.host ?? '',
      });
      expect(signed).toEqual(headers);
      expect(url.endsWith(`/${objectName(body)}`)).toBe(true);
    }
  });

  it('gives another signature for another secret, path or body', async () => {
    const [upload] = loadObjects('story');
    if (upload === undefined) throw new Error('The story has uploads.');
    const base = { ...upload, ...RECORDED_SIGNING, date: new Date(0), host: 'h' };
    const signature = async (change: object) => (await signUpload({ ...base, ...change })).authorization;
    const original = await signature({});
    expect(await signature({ secret: 'other' })).not.toBe(original);
    expect(await signature({ url: upload.url.replace('%3D', '=') })).not.toBe(original);
    expect(await signature({ body: Buffer.from('x') })).not.toBe(original);
  });
});
