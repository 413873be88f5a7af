import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { silentRecorder } from '@aisix-observability/pipeline';
import { searchBody } from '../../api/contract/bodies.ts';
import { parseBody } from '../../api/contract/readBody.ts';
import { DEFAULT_API_LIMITS } from '../../api/limits.ts';
import { ownerReader } from '../../api/owner.ts';
import { createLanes } from '../../api/run/lanes.ts';
import { createQueryRunner } from '../../api/run/runQuery.ts';
import { searchPage } from '../../api/search/search.ts';
import type { Config } from '../../config/config.ts';
import { openDataDir } from '../../dataDir/dataDir.ts';
import { STORE_FOLDER } from '../../store/places.ts';
import type { CommandIo } from '../commandIo.ts';
import { EXIT } from '../exitCodes.ts';
import { CommandError } from '../failure.ts';
import type { ExportPage, SearchOnce } from './pages.ts';

/**
 * Opens the store in the data directory, which no server holds, for as long as the work takes. What it answers is what
 * the server had stored when it stopped.
 *
 * @throws DataDirError when a server or another command holds the directory
 */
export async function withOwnStore(
  config: Config,
  io: Pick<CommandIo, 'interrupted'>,
  work: (search: SearchOnce) => Promise<void>,
): Promise<void> {
  const directory = join(config.dataDir, STORE_FOLDER);
  if (!existsSync(directory)) {
    throw new CommandError(EXIT.notRunning, 'no server is running on this data directory, and it holds no store');
  }
  const dataDir = openDataDir(config.dataDir);
  try {
    // Other commands do without the engine.
    const { openDuckDbStore } = await import('@aisix-observability/evidence/duckdb');
    // The owner sees everything clear: nothing is hashed.
    const store = await openDuckDbStore({ directory, hash: (text) => text });
    try {
      const { environments, visibility, id } = ownerReader(config.environments);
      const run = createQueryRunner({
        lanes: createLanes(DEFAULT_API_LIMITS),
        timeoutMillis: config.limits.queryTimeoutMillis,
        stopping: io.interrupted,
        recorder: silentRecorder,
        monotonic: () => performance.now(),
      });
      const asking = { scope: { environments, visibility }, environments: config.environments };
      await work(async (body) => {
        const asked = { reader: id, client: io.interrupted };
        const { requests, nextCursor } = await searchPage(parseBody(JSON.stringify(body), searchBody), asking, asked, {
          store,
          run,
        });
        const rows = JSON.parse(requests) as ExportPage['requests'];
        return { requests: rows, ...(nextCursor === undefined ? {} : { nextCursor }) };
      });
    } finally {
      await store.close();
    }
  } finally {
    dataDir.close();
  }
}
