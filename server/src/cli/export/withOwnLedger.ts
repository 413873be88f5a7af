import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '@aisix-observability/audit-bridge';
import type { ConfigChange } from '@aisix-observability/evidence';
import { changesBody } from '../../api/contract/change.ts';
import { parseBody } from '../../api/contract/readBody.ts';
import { checkChangeFilter } from '../../api/query/changeFilters.ts';
import { chooseEnvironments } from '../../api/query/environments.ts';
import { LEDGER_FILE } from '../../audit/places.ts';
import type { Config } from '../../config/config.ts';
import { openDataDir } from '../../dataDir/dataDir.ts';
import type { CommandIo } from '../commandIo.ts';
import { EXIT } from '../exitCodes.ts';
import { CommandError } from '../failure.ts';
import type { SearchOnce } from './pages.ts';

/**
 * Opens the ledger in the data directory, which no server holds, for as long as the work takes.
 *
 * @throws DataDirError when a server or another command holds the directory
 */
export async function withOwnLedger(
  config: Config,
  _io: Pick<CommandIo, 'interrupted'>,
  work: (search: SearchOnce<ConfigChange>) => Promise<void>,
): Promise<void> {
  const path = join(config.dataDir, LEDGER_FILE);
  if (!existsSync(path)) {
    throw new CommandError(EXIT.notRunning, 'no server is running on this data directory, and it holds no ledger');
  }
  const dataDir = openDataDir(config.dataDir);
  try {
    const ledger = openLedger(path);
    try {
      const all = config.environments.map(({ id }) => id);
      await work(async (body) => {
        const { environment, filters, cursor, ...query } = parseBody(JSON.stringify(body), changesBody);
        const { changes, nextCursor } = ledger.searchChanges({
          ...query,
          environments: chooseEnvironments(environment, all, config.environments),
          organizationWide: true,
          filters: filters.map((filter, index) => checkChangeFilter(filter, `filters[${index}]`)),
          ...(cursor === undefined ? {} : { cursor }),
        });
        return { rows: changes, ...(nextCursor === undefined ? {} : { nextCursor }) };
      });
    } finally {
      await ledger.close();
    }
  } finally {
    dataDir.close();
  }
}
