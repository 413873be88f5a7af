import type { StreamFile } from './stream.ts';
import type { StreamFileOptions } from './streamFileOptions.ts';
import { streamFileReader } from './streamFileReader.ts';
import { streamFileWriter } from './streamFileWriter.ts';

/**
 * Opens the SQLite file at `path`, or makes it (its directory must exist). Beside it lie `-wal` and `-shm`, which belong
 * to it and must be moved or copied together with it, and `.lock`, which is empty.
 *
 * One thread of one process writes; any number of others read with `readOnly`. Inside a process, touch the file with
 * nothing but this: POSIX locks are lost when any descriptor of a file is closed.
 *
 * @throws StreamFileError with a stable `code`: locked by another writer, foreign, newer, damaged, missing (`readOnly`),
 *   or unusable. Nothing was changed then.
 */
export function openStreamFile(path: string, options: StreamFileOptions = {}): StreamFile {
  return options.readOnly === true ? streamFileReader(path) : streamFileWriter(path, options);
}
