import type { KnownName, Ledger } from '@aisix-observability/audit-bridge';

/** How often it is looked whether somebody got a name: a request shows the old one so long. */
const INTERVAL_MILLIS = 2_000;

export interface NamesOptions {
  readonly ledger: Pick<Ledger, 'head' | 'names'>;
  readonly onNames: (names: readonly KnownName[]) => void;
}

/** Tells the names of caller keys and models, at first and whenever one of them changed. @returns stops it. */
export function followNames({ ledger, onNames }: NamesOptions): () => void {
  let seen = -1;
  let told = '';
  const look = (): void => {
    const seq = ledger.head()?.seq ?? 0;
    if (seq === seen) return;
    seen = seq;
    const names = ledger.names();
    const text = JSON.stringify(names);
    if (text === told) return;
    told = text;
    if (names.length > 0) onNames(names);
  };
  look();
  const timer = setInterval(look, INTERVAL_MILLIS);
  return () => clearInterval(timer);
}
