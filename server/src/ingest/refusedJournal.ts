import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RefusedRecord } from '@aisix-observability/collector-exporter';
import type { Log } from '@aisix-observability/pipeline';

/** A day's file grows no further: the first thousands of refusals say what is wrong. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Days that are kept. */
const KEPT_DAYS = 7;
const DAY_MILLIS = 86_400_000;

const dayOf = (millis: number) => new Date(millis).toISOString().slice(0, 10);

/**
 * Keeps what is known of refused bytes (hash, size, reason, masked first line) as NDJSON, a file a day in
 * `<dataDir>/refused`, bounded, for seven days. Never fails its caller: losing such a note loses no data.
 */
export function createRefusedJournal(dataDir: string, log: Log): (record: RefusedRecord) => void {
  const folder = join(dataDir, 'refused');
  let cleanedOn = '';
  let failing = false;
  return (record) => {
    try {
      const day = dayOf(record.at);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (day !== cleanedOn) {
        removeBefore(folder, dayOf(record.at - KEPT_DAYS * DAY_MILLIS));
        cleanedOn = day;
      }
      const file = join(folder, `${day}.ndjson`);
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < MAX_FILE_BYTES) {
        appendFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
      }
      failing = false;
    } catch (error) {
      if (!failing) log('warn', 'Notes of what was refused cannot be written.', { error });
      failing = true;
    }
  };
}

function removeBefore(folder: string, day: string): void {
  for (const name of readdirSync(folder)) {
    if (/^\d{4}-\d{2}-\d{2}\.ndjson$/.test(name) && name.slice(0, 10) < day)
      rmSync(join(folder, name), { force: true });
  }
}
