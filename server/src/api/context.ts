import type { EvidenceStore } from '@aisix-observability/evidence';
import type { Context } from 'hono';
import type { IdentityEnv } from '../identity/identified.ts';
import type { Reader } from '../identity/reader.ts';
import type { Sender } from './answer/sender.ts';
import type { EnvironmentName } from './query/environments.ts';
import type { Asking } from './query/selection.ts';
import type { Asked, RunQuery } from './run/runQuery.ts';

/** What the api asks of the store; it writes nothing. */
export type RequestReader = Pick<
  EvidenceStore,
  'search' | 'get' | 'volume' | 'metrics' | 'values' | 'changed' | 'position'
>;

/** What the handlers of routes work with. */
export interface ApiDeps {
  readonly store: RequestReader;
  readonly environments: readonly EnvironmentName[];
  readonly run: RunQuery;
  readonly sender: Sender;
}

export type ApiContext = Context<IdentityEnv>;

/** Of a reader what a query needs: scope without the person, since it goes to another thread. */
export function askingOf(reader: Reader, environments: readonly EnvironmentName[]): Asking {
  return { scope: { environments: reader.environments, visibility: reader.visibility }, environments };
}

/** Who waits for the answer of a query. */
export function askedBy(c: ApiContext): Pick<Asked, 'reader' | 'client'> {
  return { reader: c.var.reader.id, client: c.req.raw.signal };
}
