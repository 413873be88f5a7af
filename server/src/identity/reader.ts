import type { ReadScope } from '@aisix-observability/evidence';
import type { AccessScope } from '../config/config.ts';
import type { GrafanaRole } from '../config/readers.ts';

/** Where somebody came from: through Grafana, with a token of `access.tokens`, or from this machine without either. */
export type ReaderKind = 'grafana' | 'token' | 'local';

/** Who is asking, and what they may see. A reader is a `ReadScope`: hand it to the store as it is. */
export interface Reader extends ReadScope {
  readonly kind: ReaderKind;
  /** Stable, for counting and limits by reader: `grafana:1:user:2`, `token:scripts`, `local`. */
  readonly id: string;
  /** For people: login of the Grafana user, name of the token. Without control characters, at most 128 long. */
  readonly name: string;
  /** Id of the Grafana organization. */
  readonly organization?: number;
  readonly role?: GrafanaRole;
  /** What the guards ask for; `requests` makes a viewer, `changes` an audit reader. */
  readonly scopes: readonly AccessScope[];
  /** May read changes and investigations, and sees personal fields as audit readers do. */
  readonly audit: boolean;
  /** Epoch milliseconds; a stream to this reader ends then. Absent: does not expire. */
  readonly expiresAt?: number;
}
