import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Ledger, openLedger } from '@aisix-observability/audit-bridge';
import type { RequestExplanation } from '@aisix-observability/evidence';
import { requestInvestigationBody } from '../../api/contract/investigation.ts';
import { parseBody } from '../../api/contract/readBody.ts';
import { ApiError } from '../../api/errors.ts';
import { ownerReader } from '../../api/owner.ts';
import { chooseEnvironments } from '../../api/query/environments.ts';
import { LEDGER_FILE } from '../../audit/places.ts';
import type { Config } from '../../config/config.ts';
import { openDataDir } from '../../dataDir/dataDir.ts';
import { type ChangeHistory, explainRequests } from '../../investigate/explainRequests.ts';
import { STORE_FOLDER } from '../../store/places.ts';
import type { CommandIo } from '../commandIo.ts';
import { EXIT } from '../exitCodes.ts';
import { CommandError } from '../failure.ts';

/**
 * Answers what `POST /investigations/request` would, from a data directory that no server holds.
 *
 * @throws DataDirError when a server or another command holds the directory
 */
export async function withOwnData(
  config: Config,
  io: Pick<CommandIo, 'interrupted'>,
  body: string,
): Promise<readonly RequestExplanation[]> {
  const { environment, requestId } = parseBody(body, requestInvestigationBody);
  const directory = join(config.dataDir, STORE_FOLDER);
  if (!existsSync(directory)) {
    throw new CommandError(EXIT.notRunning, 'no server is running on this data directory, and it holds no store');
  }
  await using held = new AsyncDisposableStack();
  held.adopt(openDataDir(config.dataDir), (dir) => dir.close());
  // Other commands do without the engine.
  const { openDuckDbStore } = await import('@aisix-observability/evidence/duckdb');
  // The owner sees everything clear: nothing is hashed.
  const store = held.adopt(await openDuckDbStore({ directory, hash: (text) => text }), (opened) => opened.close());
  const path = join(config.dataDir, LEDGER_FILE);
  const ledger = existsSync(path) ? held.adopt(openLedger(path), (opened) => opened.close()) : undefined;
  const { environments, visibility } = ownerReader(config.environments);
  const scope = { visibility, environments: chooseEnvironments(environment, environments, config.environments) };
  const explanations = await explainRequests(
    { scope, organizationWide: true, requestId },
    { store, changes: ledger && historyOf(ledger) },
    io.interrupted,
  );
  if (explanations.length > 0) return explanations;
  throw new ApiError('request_unknown', 'the store holds no request of that id');
}

function historyOf(ledger: Ledger): ChangeHistory {
  return {
    search: async (query) => ledger.searchChanges(query),
    gaps: async (query) => ledger.gaps(query),
    catalogue: async ({ environment, time }) => ledger.catalogueAt(environment, time),
  };
}
