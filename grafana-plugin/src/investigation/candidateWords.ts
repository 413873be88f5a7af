import type { Candidate, Incident, IncidentInvestigation } from '../api/investigations';
import { actorOf, headOf } from '../frames/changes';
import { span } from '../frames/duration';
import { shortText } from '../frames/plainText';

type Change = IncidentInvestigation['changes'][number];

/** Characters of a name and of what went wrong; callers choose the names of models that do not exist. */
const NAME = 60;
const LABEL = 80;

/** What a candidate is: the change with what was done, or what needs no change. */
export function candidateWords({ kind, name }: Candidate, change: Change | undefined): string {
  switch (kind) {
    case 'provider':
      return `Provider behind ${shortText(name, NAME)}`;
    case 'caller':
      return `Caller ${shortText(name, NAME)}`;
    case 'no_change':
      return 'No change explains it';
    default:
      return change === undefined ? `Change of ${shortText(name, NAME)}` : headOf(change);
  }
}

/** Who made the change, as far as that is known. */
export const whoOf = (change: Change | undefined): string | undefined =>
  change === undefined ? undefined : actorOf(change);

/** Incidents are found in steps of some seconds: what is nearer to their start is at their start. */
const AT_START_MILLIS = 15_000;

/** When a change was made beside the start of the incident. */
export function ageWords({ occurredAt }: Pick<Change, 'occurredAt'>, { start }: Pick<Incident, 'start'>): string {
  const age = start - occurredAt;
  if (Math.abs(age) <= AT_START_MILLIS) return 'as it began';
  const minutes = Math.round(Math.abs(age) / MINUTE_MILLIS);
  const length = span(minutes < 2 ? Math.abs(age) : minutes * MINUTE_MILLIS);
  return age > 0 ? `${length} before` : `${length} after`;
}

const MINUTE_MILLIS = 60_000;

/** How long an incident lasted. */
export const lengthWords = ({ start, end }: Pick<Incident, 'start' | 'end'>): string =>
  end === undefined ? GOING_ON : span(end - start);

export const GOING_ON = 'still going on';

/** Troubles of an incident that are told one by one where there is room for it. */
const TOLD = 3;

/** Of a time that somebody named, and at which nothing began. */
const NO_TROUBLE = 'nothing out of the ordinary';

/** What went wrong, and on which models; at most `most` troubles, the rest is counted. */
export function troubleWords({ symptoms }: Pick<Incident, 'symptoms'>, most = TOLD): string {
  const ended = symptoms.filter(({ kind }) => kind === 'outcome');
  // That an attempt failed is told by the request that failed with it.
  const own = symptoms.filter(
    ({ kind, errorClass, status }) =>
      kind !== 'attempt' || !ended.some((other) => other.errorClass === errorClass && other.status === status),
  );
  const told = own.slice(0, most).map(({ label, models }) => `${shortText(label, LABEL)}${placeOf(models)}`);
  if (own.length === 0) return NO_TROUBLE;
  return [...told, ...(own.length > most ? [`${own.length - most} more`] : [])].join('; ');
}

/** Models that are named one by one; more are counted. */
const NAMED = 3;

function placeOf(models: readonly string[]): string {
  if (models.length === 0) return '';
  return models.length > NAMED
    ? ` on ${models.length} models`
    : ` on ${models.map((name) => shortText(name, NAME)).join(', ')}`;
}

/** Why a candidate stands where it stands, without its name, which the server's sentence begins with. */
export function reasonOf({ sentence, name, bystander }: Candidate): string {
  const named = sentence.toLowerCase().indexOf(name.toLowerCase());
  const colon = sentence.indexOf(': ', named + name.length);
  const reason = named === -1 || colon === -1 ? sentence : sentence.slice(colon + 2);
  return bystander ? `Bystander: ${reason}` : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
}

/** Names of the parts of a score as they are explained in `docs/how-verdicts-are-made.md`. */
const PARTS: Readonly<Record<keyof Candidate['parts'], string>> = {
  strength: 'extent',
  onset: 'onset',
  lag: 'age',
  mechanism: 'mechanism',
  echo: 'quoted',
  prior: 'prior',
};

/** Parts nearer to nothing than this are not told. */
const TELLING = 0.05;

/** `extent −19.5, without a change −3.0`: what speaks for (+) and against (−) a candidate. */
export function partsText(parts: Candidate['parts']): string {
  const told = Object.entries(PARTS).flatMap(([part, word]) => {
    const value = parts[part as keyof Candidate['parts']];
    return Math.abs(value) < TELLING ? [] : [`${word} ${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`];
  });
  return told.length === 0 ? 'nothing speaks against it' : told.join(', ');
}
