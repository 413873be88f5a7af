import { renameSync, writeFileSync } from 'node:fs';

/** Replaces the file as the data plane does: written beside it, then renamed over it. */
export function writeCacheFile(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}
