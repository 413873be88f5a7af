import type { OutcomeClass } from '../api/investigations';

/** What is found of a change, in words. Pills take a comma for an end, so that no word has one. */
export const VERDICT_WORDS: Readonly<Record<string, string>> = {
  suspect: 'suspect',
  improves: 'improves',
  cleared: 'cleared',
  no_mechanism: 'no mechanism',
  no_effect: 'no effect',
  provider_outage: 'change or outage',
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

/** Of what nobody needs to look at; readable on both themes. */
export const QUIET = '#6e7079';

export const verdictWords = (verdict: string): string => wordOf(verdict, VERDICT_WORDS);

const wordOf = (value: string, words: Readonly<Record<string, string>>): string =>
  words[value] ?? value.replaceAll('_', ' ').replaceAll(',', ' ');

export const colourOfVerdict = (verdict: string | undefined): string | undefined =>
  verdict === undefined ? undefined : COLOURS[verdict];

/** Colours of the words of verdicts in tables. */
export const VERDICT_PILLS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(VERDICT_WORDS).map(([verdict, word]) => {
    const colour = COLOURS[verdict] ?? 'text';
    return [word, colour === 'text' ? QUIET : colour];
  }),
);

const CLASS_WORDS: Readonly<Record<OutcomeClass, string>> = {
  served: 'served',
  caller: 'caller',
  policy: 'policy',
  gateway_configuration: 'gateway configuration',
  routing_exhausted: 'no target left',
  provider: 'provider',
  provider_refused_key: "gateway's key refused",
  client_left: 'client left',
  projection_failure: 'not served as saved',
  unknown: 'not known',
};

/** Whose doing it was that a request ended as it did. */
export const classWords = (outcomeClass: string): string => wordOf(outcomeClass, CLASS_WORDS);

const CLASS_COLOURS: Readonly<Record<OutcomeClass, string>> = {
  served: 'green',
  caller: 'yellow',
  policy: 'yellow',
  client_left: 'yellow',
  // What the owners of the gateway have to look at.
  gateway_configuration: 'red',
  routing_exhausted: 'red',
  provider_refused_key: 'red',
  projection_failure: 'red',
  provider: 'purple',
  unknown: QUIET,
};

export const CLASS_PILLS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CLASS_COLOURS).map(([outcomeClass, colour]) => [classWords(outcomeClass), colour]),
);

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

/** The verdict that holds in words; nothing where nobody looked yet. */
export function verdictWordsOf(judged: Judged | undefined): string | undefined {
  const verdict = judged === undefined ? undefined : verdictOf(judged);
  return verdict === undefined ? undefined : verdictWords(verdict);
}
