import type { Config } from '../config/config.ts';
import { type ControlClient, createControlClient, NotRunningError } from '../control/controlClient.ts';
import { socketAddress } from '../control/controlSocket.ts';
import { controlSocketOf } from '../dataDir/dataDir.ts';
import { EXIT } from './exitCodes.ts';
import { CommandError } from './failure.ts';

/** Speaks with the server that runs on the data directory of this configuration; closes the connection after. */
export async function withControl<T>(config: Config, work: (client: ControlClient) => Promise<T>): Promise<T> {
  const address = socketAddress(controlSocketOf(config.dataDir));
  if (address === undefined) {
    throw new CommandError(EXIT.failed, 'the path of the data directory is too long for a socket: use a shorter one');
  }
  const client = createControlClient(address);
  try {
    return await work(client);
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    throw new NotRunningError(
      `no server is running on the data directory ${config.dataDir}; start one (\`start\`), or name the configuration of the one that runs (\`--config <file>\`)`,
      error,
    );
  } finally {
    client.close();
  }
}
