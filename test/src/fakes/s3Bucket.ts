import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A bucket that can be listed and read, on 127.0.0.1. */
export interface S3Bucket {
  readonly url: string;
  put(key: string, body: Buffer): void;
  close(): Promise<void>;
}

/** As S3 does: at most a thousand keys a page. */
const PAGE_KEYS = 1_000;

/** Speaks as much of S3 as a follower needs (`ListObjectsV2` with paging, `GetObject`); checks no signatures. */
export async function startS3Bucket(): Promise<S3Bucket> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://bucket');
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    if (key !== '') {
      const body = objects.get(key);
      response.writeHead(body === undefined ? 404 : 200, { 'content-length': body?.length ?? 0 });
      response.end(body);
      return;
    }
    const query = url.searchParams;
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const prefix = query.get('prefix') ?? '';
    const keys = [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
    const page = keys.slice(0, Math.min(PAGE_KEYS, Number(query.get('max-keys') ?? PAGE_KEYS)));
    const more = page.length < keys.length;
    const contents = page.map((name) => {
      const size = objects.get(name)?.length ?? 0;
      return `<Contents><Key>${name}</Key><Size>${size}</Size><LastModified>${new Date().toISOString()}</LastModified><ETag>"x"</ETag></Contents>`;
    });
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>${more}</IsTruncated><KeyCount>${page.length}</KeyCount>${
        more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
      }${contents.join('')}</ListBucketResult>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put: (key, body) => void objects.set(key, body),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
