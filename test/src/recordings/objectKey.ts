import { createHash } from 'node:crypto';

/** Compression of an `object_store` exporter; the exporter's default is gzip. */
export type ArchiveCompression = 'gzip' | 'none';

/** `dt=YYYY-MM-DD/hh=HH` in UTC, from the first record of a flush, or what the exporter writes when it has no time. */
export function partitionOf(occurredAt: string): string {
  const time = Date.parse(occurredAt);
  if (Number.isNaN(time)) return 'dt=unknown/hh=00';
  const iso = new Date(time).toISOString();
  return `dt=${iso.slice(0, 10)}/hh=${iso.slice(11, 13)}`;
}

/** Name of an object: the first 16 bytes of the SHA-256 of its bytes as uploaded. */
export function objectName(body: Uint8Array, compression: ArchiveCompression = 'gzip'): string {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
  return `${hash}.ndjson${compression === 'gzip' ? '.gz' : ''}`;
}

/**
 * Raw path of an upload, path style. The exporter percent-encodes the `=` of the partition and nothing else that
 * occurs in bucket, prefix and name.
 */
export function uploadPath(bucket: string, prefix: string, partition: string, name: string): string {
  return `/${bucket}/${prefix}/${partition.replaceAll('=', '%3D')}/${name}`;
}
