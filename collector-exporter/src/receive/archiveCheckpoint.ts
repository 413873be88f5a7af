import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { writeFileDurably } from '@aisix-observability/pipeline';
import type { ArchiveFile } from './archiveFiles.ts';
import type { FilePlace } from './archiveRead.ts';

/** What an interrupted backfill leaves behind: small whatever the number of files, since folders are read in order. */
export interface BackfillCheckpoint {
  readonly version: 1;
  /** The directory with links resolved, and where its events go; another one starts afresh. */
  readonly root: string;
  readonly environment: string;
  readonly dataPlane?: string;
  /** By folder: how many of its files, in listing order, are done, and the digest of these. */
  readonly folders: Readonly<Record<string, { readonly files: number; readonly digest: string }>>;
  /** Files beyond that: the place up to which all lines are durable. */
  readonly files: Readonly<Record<string, OpenFile>>;
}

export interface OpenFile extends FilePlace {
  readonly size: number;
  readonly mtimeMs: number;
  readonly done: boolean;
}

/** Digest over files by name, size and time of change: it differs as soon as one of them was replaced. */
export interface FilesDigest {
  add(file: ArchiveFile): void;
  /** Of all that were added so far. */
  value(): string;
}

export function createFilesDigest(files: readonly ArchiveFile[] = []): FilesDigest {
  const hash = createHash('sha256');
  const digest: FilesDigest = {
    add({ path, size, mtimeMs }) {
      hash.update(`${JSON.stringify(path)} ${size} ${mtimeMs}\n`);
    },
    value: () => hash.copy().digest('hex').slice(0, 32),
  };
  for (const file of files) digest.add(file);
  return digest;
}

/** Reads a checkpoint; one that is absent, unreadable or of another backfill is `undefined`: all is read again. */
export function loadCheckpoint(
  path: string,
  of: { readonly root: string; readonly environment: string; readonly dataPlane?: string },
): BackfillCheckpoint | undefined {
  let found: BackfillCheckpoint;
  try {
    found = JSON.parse(readFileSync(path, 'utf8')) as BackfillCheckpoint;
  } catch {
    return undefined;
  }
  const same =
    found?.version === 1 &&
    found.root === of.root &&
    found.environment === of.environment &&
    found.dataPlane === of.dataPlane;
  return same && isRecord(found.folders) && isRecord(found.files) ? found : undefined;
}

export function saveCheckpoint(path: string, checkpoint: BackfillCheckpoint): void {
  writeFileDurably(path, JSON.stringify(checkpoint));
}

export function removeCheckpoint(path: string): void {
  rmSync(path, { force: true });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
