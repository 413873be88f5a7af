import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that is soon full. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Takes all but so many bytes away. */
  fill(leaveBytes: number): void;
  /** Gives them back. */
  clear(): void;
  readonly availableBytes: number;
}

/** Mounts a file system in memory; undefined where the user may not. */
export function mountSmallDisk(bytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'aisix-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
  if (mounted.status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const ballast = join(path, 'ballast');
  const available = () => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    path,
    fill(leaveBytes) {
      const bytes = available() - leaveBytes;
      if (bytes > 0) writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' });
    },
    clear: () => rmSync(ballast, { force: true }),
    get availableBytes() {
      return available();
    },
    async [Symbol.asyncDispose]() {
      // Lazily: a process that was killed a moment ago may still hold a file.
      spawnSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
