import type { Possible } from './candidates.ts';
import type { Incident, ScoreParts } from './model.ts';

const minutes = (millis: number): string => {
  const seconds = Math.round(Math.abs(millis) / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
};

/** Why a candidate stands where it stands. */
export function candidateSentence(
  { kind, name, from }: Possible,
  parts: ScoreParts,
  { later, bystander }: { readonly later: boolean; readonly bystander: boolean },
): string {
  if (kind === 'provider') return `The provider behind ${name} has trouble of its own.`;
  if (kind === 'caller') return `The caller ${name} does something else than before.`;
  if (kind === 'no_change') return 'No change explains it.';
  const reasons: string[] = [];
  if (later) reasons.push('it came into force after the start');
  else if (bystander) reasons.push('nothing of what it changed can cause this');
  if (parts.echo > 0) reasons.push('error messages quote what it set');
  if (parts.onset < -3) reasons.push('the trouble did not begin with it');
  if (parts.strength < -3) reasons.push('it leaves part of the trouble unexplained');
  if (parts.lag < -1 && !later) reasons.push('it was long before');
  const told = reasons.length === 0 ? 'it fits in time, extent and kind' : reasons.join('; ');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}, in force ${new Date(from).toISOString()}: ${told}.`;
}

/** What an incident is, and what comes first. */
export function incidentSentence(incident: Omit<Incident, 'sentence'>): string {
  const { symptoms, candidates, start, end } = incident;
  const [first] = symptoms;
  const [best] = candidates;
  if (first === undefined) return 'Nothing was in trouble.';
  const who = first.models.length > 0 && first.models.length <= 3 ? ` on ${first.models.join(', ')}` : '';
  const length = end === undefined ? 'still going on' : `for ${minutes(end - start)}`;
  const cause = best === undefined ? '' : best.kind === 'change' ? ` Most likely: ${best.name}.` : ` ${best.sentence}`;
  return `${first.label}: ${first.bad} requests${who}, ${length}.${cause}`;
}
