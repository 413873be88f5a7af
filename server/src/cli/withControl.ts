import type { Config } from '../config/config.ts';
import { type ControlClient, createControlClient } from '../control/controlClient.ts';
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
  } finally {
    client.close();
  }
}
