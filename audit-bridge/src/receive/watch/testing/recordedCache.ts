import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Story } from '../../../redact/testing/recordedDocuments.ts';

/** One version of a real data plane's cache file: as it was seen, not later than 0.2 s after it was written. */
export interface RecordedVersion {
  readonly at: number;
  readonly bytes: Buffer;
}

/** One answer of `/status/config`. */
export interface RecordedStatus {
  readonly at: number;
  readonly status: number;
  readonly body: unknown;
}

function lines(story: Story, name: string): { at: string; status?: number; body: unknown }[] {
  const file = new URL(`../../../../../test/fixtures/aisix/${story}/${name}`, import.meta.url);
  return gunzipSync(readFileSync(file))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export function recordedVersions(story: Story): RecordedVersion[] {
  return lines(story, 'cache.ndjson.gz').map(({ at, body }) => ({
    at: Date.parse(at),
    bytes: Buffer.from(JSON.stringify(body)),
  }));
}

export function recordedStatuses(story: Story): RecordedStatus[] {
  return lines(story, 'status.ndjson.gz').map(({ at, status, body }) => ({
    at: Date.parse(at),
    status: status ?? 0,
    body,
  }));
}
