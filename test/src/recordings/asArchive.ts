import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ArchiveCompression, objectName, partitionOf } from './objectKey.ts';
import { encodeArchiveLine, type UsageEvent } from './wire.ts';

export interface ArchiveOptions {
  readonly compression?: ArchiveCompression;
  /** Records of one object at most; the exporter flushes at 100. */
  readonly recordsPerObject?: number;
}

/** The exporter flushes at 100 records or after one second, whichever comes first. */
const RECORDS_PER_OBJECT = 100;

/** Cuts events into flushes like the exporter: at the size limit, and where the second changes. */
export function* flushes(events: Iterable<UsageEvent>, limit = RECORDS_PER_OBJECT): Generator<UsageEvent[]> {
  let batch: UsageEvent[] = [];
  for (const event of events) {
    if (batch.length >= limit || (batch[0] !== undefined && batch[0].occurred_at !== event.occurred_at)) {
      yield batch;
      batch = [];
    }
    batch.push(event);
  }
  if (batch.length > 0) yield batch;
}

/** Bytes of one object. */
export function encodeObject(events: readonly UsageEvent[], compression: ArchiveCompression = 'gzip'): Buffer {
  const text = events.map((event) => `${encodeArchiveLine(event)}\n`).join('');
  return compression === 'gzip' ? gzipSync(text) : Buffer.from(text);
}

/**
 * Writes events as the `object_store` exporter lays them out (`dt=YYYY-MM-DD/hh=HH/<hash>.ndjson[.gz]`, partition
 * from the first record of each object) and resolves to the paths written, relative to `dir`.
 */
export async function asArchive(
  events: Iterable<UsageEvent>,
  dir: string,
  { compression = 'gzip', recordsPerObject = RECORDS_PER_OBJECT }: ArchiveOptions = {},
): Promise<string[]> {
  const paths: string[] = [];
  for (const batch of flushes(events, recordsPerObject)) {
    const body = encodeObject(batch, compression);
    const partition = partitionOf(batch[0]?.occurred_at ?? '');
    await mkdir(join(dir, partition), { recursive: true });
    const path = join(partition, objectName(body, compression));
    await writeFile(join(dir, path), body);
    paths.push(path);
  }
  return paths;
}
