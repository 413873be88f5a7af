/** What is found of a change, in words. */
export const VERDICT_WORDS: Readonly<Record<string, string>> = {
  suspect: 'suspect',
  improves: 'improves',
  cleared: 'cleared',
  no_mechanism: 'no mechanism',
  no_effect: 'no effect',
  provider_outage: 'cannot be told from a provider outage',
  undecided: 'undecided',
  confirmed: 'confirmed',
};

/** Names of Grafana's palette; a change of which nothing is known has none of its own. */
const COLOURS: Readonly<Record<string, string>> = {
  confirmed: 'red',
  suspect: 'orange',
  improves: 'green',
  cleared: 'text',
  no_mechanism: 'text',
  no_effect: 'text',
  provider_outage: 'purple',
};

export const verdictWords = (verdict: string): string => VERDICT_WORDS[verdict] ?? verdict.replaceAll('_', ' ');

export const colourOfVerdict = (verdict: string | undefined): string | undefined =>
  verdict === undefined ? undefined : COLOURS[verdict];

interface Judged {
  readonly verdict?:
    | {
        readonly human?: { readonly value: string } | undefined;
        readonly computed?: { readonly value: string } | undefined;
      }
    | undefined;
}

/** The verdict that holds: a person's before a look's. */
export const verdictOf = ({ verdict }: Judged): string | undefined => verdict?.human?.value ?? verdict?.computed?.value;
