import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStreamFile, StreamFileError } from '@aisix-observability/pipeline';
import { STORE_FOLDER } from './places.ts';

/**
 * True when the stream of requests will be made anew beside a store that was filled from a lost one: it has to begin
 * behind what the store knows, or the store would take new requests for old ones.
 */
export function isStreamOfRequestsLost(dataDir: string): boolean {
  if (!existsSync(join(dataDir, STORE_FOLDER))) return false;
  try {
    const file = openStreamFile(join(dataDir, 'requests.db'), { readOnly: true });
    const { lastSeq } = file.stream('requests').stats();
    void file.close();
    return lastSeq === 0;
  } catch (error) {
    // A kill may have left a file without tables, which counts as none.
    if (error instanceof StreamFileError && error.code === 'stream_file_missing') return true;
    throw error;
  }
}
