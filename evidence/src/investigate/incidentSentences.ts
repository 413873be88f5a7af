import type { Possible } from './candidates.ts';
import type { Incident, ScoreParts } from './model.ts';

/** A sort of trouble that hardly comes of it (nats). */
const UNLIKELY = -2;

const minutes = (millis: number): string => {
  const seconds = Math.round(Math.abs(millis) / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
};

/** What a candidate would mean, as part of a sentence. */
function hypothesisOf({ kind, name }: Pick<Possible, 'kind' | 'name'>): string {
  if (kind === 'provider') return `the provider behind ${name} itself`;
  if (kind === 'caller') return `the caller ${name}, whose requests changed`;
  return kind === 'no_change' ? 'something other than a change' : name;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What a change did by itself, by the log-odds that something which it can change got worse. */
function ownEffect(logOdds: number): string {
  if (logOdds > 3) return 'something that it can change surely got worse';
  return logOdds < -3
    ? 'nothing that it can change surely got worse'
    : 'something that it can change may have got worse, which is not sure';
}

/** Why a candidate stands where it stands. Times are told beside it. */
export function candidateSentence(
  cause: Pick<Possible, 'kind' | 'name'>,
  parts: ScoreParts,
  { later, bystander, alone }: { readonly later: boolean; readonly bystander: boolean; readonly alone: boolean },
): string {
  if (cause.kind === 'no_change') return 'Something other than a change; nothing is known of it here.';
  const reasons: string[] = [];
  if (later) reasons.push('it came into force after the start');
  else if (bystander) reasons.push('nothing that it changed can cause this');
  else if (cause.kind !== 'change' && parts.mechanism < UNLIKELY) reasons.push('its failures would look different');
  if (parts.echo > 0) reasons.push('error messages quote the new value');
  if (parts.onset < -3) reasons.push('the trouble did not begin with it');
  if (alone && !bystander) reasons.push(ownEffect(parts.strength));
  if (!alone && parts.strength < -3) reasons.push('it leaves part of the failures unexplained');
  if (parts.lag < -1 && !later) reasons.push('it came long before');
  const told = reasons.length === 0 ? 'it fits in time, extent and kind' : reasons.join('; ');
  return `${capital(hypothesisOf(cause))}: ${told}.`;
}

/** What an incident is, and what comes first. */
export function incidentSentence(incident: Omit<Incident, 'sentence'>): string {
  const { symptoms, candidates, start, end } = incident;
  const [first] = symptoms;
  const [best] = candidates;
  if (first === undefined) return 'Nothing was in trouble.';
  const who = first.models.length > 0 && first.models.length <= 3 ? ` on ${first.models.join(', ')}` : '';
  const length = end === undefined ? 'still going on' : `for ${minutes(end - start)}`;
  const cause =
    best === undefined ? '' : ` Most likely: ${best.kind === 'change' ? 'a change of ' : ''}${hypothesisOf(best)}.`;
  return `${first.label}: ${first.bad} requests${who}, ${length}.${cause}`;
}
