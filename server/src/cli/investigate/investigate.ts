import type { RequestExplanation } from '@aisix-observability/evidence';
import { ControlError, NotRunningError } from '../../control/controlClient.ts';
import type { CommandIo } from '../commandIo.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { readConfig } from '../readConfig.ts';
import { withControl } from '../withControl.ts';
import { explanationText } from './explanationText.ts';
import { withOwnData } from './withOwnData.ts';

export interface InvestigateOptions {
  readonly config?: string;
  readonly environment?: string;
  readonly json?: boolean;
}

/** Says why a request ended as it did: asked of the running server, else read from the data directory. */
export async function investigate(requestId: string, options: InvestigateOptions, io: CommandIo): Promise<ExitCode> {
  const { config } = await readConfig(options.config, io);
  const { environment } = options;
  const body = JSON.stringify({ requestId, ...(environment === undefined ? {} : { environment }) });
  let explanations: readonly RequestExplanation[];
  try {
    explanations = await withControl(config, (client) => ask(client, body));
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    explanations = await withOwnData(config, io, body);
  }
  if (options.json === true) {
    io.out(`${JSON.stringify({ explanations })}\n`);
    return EXIT.ok;
  }
  const names = new Map(config.environments.map(({ id, name }) => [id, name]));
  io.out(explanations.map((said) => explanationText(said, names)).join('\n'));
  return EXIT.ok;
}

async function ask(
  client: { post<T>(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<T> },
  body: string,
): Promise<readonly RequestExplanation[]> {
  try {
    const answer = await client.post<{ explanations: readonly RequestExplanation[] }>('/investigations/request', body, {
      'content-type': 'application/json',
    });
    return answer.explanations;
  } catch (error) {
    // Of the control socket itself: there is no query API behind it.
    if (!(error instanceof ControlError) || error.code !== 'not_found') throw error;
    throw new ControlError({
      error: {
        code: 'store_off',
        message: 'this server keeps no requests',
        hint: '`store: { driver: duckdb }` of the configuration does',
      },
    });
  }
}
