import type { Reader } from './reader.ts';
import type { Refusal } from './refusal.ts';

/** In which Grafana says who asks: a JWT that it signed, beside every call to a data source. */
export const GRAFANA_ID_HEADER = 'x-grafana-id';

/** In which our data source says that the call came through it; kept in its `secureJsonData`. */
export const DATASOURCE_SECRET_HEADER = 'x-aisix-datasource-secret';

/** What of a request says who is asking. */
export interface Asking {
  header(name: string): string | undefined;
  /** Of the connection; absent where there is none (tests). */
  readonly remoteAddress: string | undefined;
}

/** Who it is, nobody that is known (`undefined`), or why what they showed is not believed. */
export type Identity = { readonly reader: Reader | undefined } | { readonly refusal: Refusal };

export type Identify = (asking: Asking) => Promise<Identity>;

/**
 * True where the answer goes back through Grafana. Its data proxy makes 400 "Authentication to data source failed" of
 * every 401 and throws the body away, so that the plugin could not say what is wrong.
 */
export function isThroughGrafana({ header }: Asking): boolean {
  return (
    header(GRAFANA_ID_HEADER) !== undefined ||
    header(DATASOURCE_SECRET_HEADER) !== undefined ||
    header('user-agent')?.startsWith('Grafana/') === true
  );
}
