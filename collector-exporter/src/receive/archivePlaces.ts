import { type BackfillCheckpoint, createFilesDigest, type FilesDigest, type OpenFile } from './archiveCheckpoint.ts';
import type { ArchiveFile } from './archiveFiles.ts';
import type { FilePlace } from './archiveRead.ts';

/** Follows one file while its batches become durable, in whatever order they do. */
export interface FileTracker {
  /** Where to start. */
  readonly from: FilePlace;
  /** Notes that lines up to a place were handed out; the function it returns notes that they are durable. */
  handedOut(end: FilePlace): () => void;
  /** All lines are durable, and none are left. */
  done(): void;
}

export interface FolderPlaces {
  readonly doneEarlier: readonly ArchiveFile[];
  left(): Generator<readonly [ArchiveFile, FileTracker], void, undefined>;
}

/** What is done of an archive: the content of the checkpoint. */
export interface Places {
  /** Takes up a folder with the files that it holds now. */
  folder(path: string, files: readonly ArchiveFile[]): FolderPlaces;
  snapshot(): Pick<BackfillCheckpoint, 'folders' | 'files'>;
}

const START: FilePlace = { offset: 0, lines: 0 };

interface FolderState {
  /** So many files from the start of the listing are done, and this is their digest. */
  files: number;
  digest: FilesDigest | string;
}

export function createPlaces(earlier?: Pick<BackfillCheckpoint, 'folders' | 'files'>): Places {
  const folders = new Map<string, FolderState>(
    Object.entries(earlier?.folders ?? {}).map(([path, { files, digest }]) => [path, { files, digest }]),
  );
  const open = new Map<string, OpenFile>(Object.entries(earlier?.files ?? {}));

  return {
    folder(path, files) {
      const known = folders.get(path);
      const prefix = files.slice(0, known?.files ?? 0);
      const digest = createFilesDigest(prefix);
      const unchanged = known !== undefined && prefix.length === known.files && digest.value() === known.digest;
      // A file in what was done has changed: everything of this folder is read again, which changes nothing twice.
      const state: FolderState = unchanged ? { files: known.files, digest } : { files: 0, digest: createFilesDigest() };
      const running = state.digest as FilesDigest;
      folders.set(path, state);
      const isDone = new Set<string>();
      const doneEarlier = files.slice(0, state.files);
      const rest = files.slice(state.files);
      for (const file of rest) {
        const found = open.get(file.path);
        if (found === undefined) continue;
        if (found.size !== file.size || found.mtimeMs !== file.mtimeMs) open.delete(file.path);
        else if (found.done) {
          isDone.add(file.path);
          doneEarlier.push(file);
        }
      }

      function advance(): void {
        for (;;) {
          const next = files[state.files];
          if (next === undefined || !isDone.delete(next.path)) break;
          running.add(next);
          open.delete(next.path);
          state.files += 1;
        }
        // Nothing can change any more: the digest's working state is not needed for each of thousands of folders.
        if (state.files === files.length) state.digest = running.value();
      }

      function trackerOf(file: ArchiveFile): FileTracker {
        const waiting: { readonly end: FilePlace; durable: boolean }[] = [];
        const found = open.get(file.path);
        const from = found === undefined ? START : { offset: found.offset, lines: found.lines };
        const note = (place: FilePlace, done: boolean) =>
          open.set(file.path, { size: file.size, mtimeMs: file.mtimeMs, ...place, done });
        let place = from;
        return {
          from,
          handedOut(end) {
            const entry = { end, durable: false };
            waiting.push(entry);
            return () => {
              entry.durable = true;
              while (waiting[0]?.durable === true) place = (waiting.shift() as typeof entry).end;
              if (place !== from) note(place, false);
            };
          },
          done() {
            note(place, true);
            isDone.add(file.path);
            advance();
          },
        };
      }

      advance();
      return {
        doneEarlier,
        *left() {
          const earlierDone = new Set(doneEarlier);
          for (const file of files) if (!earlierDone.has(file)) yield [file, trackerOf(file)] as const;
        },
      };
    },
    snapshot: () => ({
      folders: Object.fromEntries(
        [...folders].map(([path, { files, digest }]) => [
          path,
          { files, digest: typeof digest === 'string' ? digest : digest.value() },
        ]),
      ),
      files: Object.fromEntries(open),
    }),
  };
}
