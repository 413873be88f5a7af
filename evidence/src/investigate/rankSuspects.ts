import type { Impact } from './answers.ts';
import type { Evidence, KnownChange } from './evidence.ts';
import type { FoundIncident } from './foundIncident.ts';
import { LATER_MILLIS } from './incidentScore.ts';
import { findIncidents } from './incidents.ts';
import type { Incident, IncidentQuery } from './model.ts';
import { endOfSuspect, incidentOfSuspect } from './suspectIncident.ts';
import { tell } from './tellIncident.ts';
import { weighChange } from './weighChange.ts';
import { withoutSymptoms } from './withoutSymptoms.ts';

/** A start that a person gives is off by a minute or two. */
const GIVEN_START_MILLIS = 120_000;

/**
 * Incidents and what may have caused them, with what was known at `now` (epoch milliseconds). Without a start all
 * incidents of the window are found, and those that known suspects tell of, in order of their starts. With one, those that began near it or were going on:
 * first those that a suspect explains, then the others, the nearest first, and fainter ones that a change near it
 * explains; then the other changes near it by what they did themselves; last what is faint and nobody's.
 */
export function rankSuspects(evidence: Evidence, query: IncidentQuery, now: number): Incident[] {
  const until = Math.min(now, query.end ?? Number.POSITIVE_INFINITY, evidence.window.to);
  const found = findIncidents(evidence, until, query.filter);
  const { start } = query;
  if (start === undefined) {
    const told = found.map((incident) => tell(evidence, incident, until));
    return [...told, ...ofKnownSuspects(evidence, told, query, until)].toSorted((a, b) => a.start - b.start);
  }
  const away = (one: { readonly start: number }): number => Math.abs(one.start - start);
  const isNear = (one: FoundIncident): boolean => away(one) <= GIVEN_START_MILLIS;
  const near = found.filter(isNear);
  const ongoing = found.filter((one) => one.start <= start && (one.end ?? until) >= start);
  const since = found.filter((one) => one.start > start);
  // Noise that happens to be there must not hide the fainter trouble that the person means.
  const fainter = near.length > 1 ? [] : findIncidents(evidence, until, query.filter, true).filter(isNear);
  const faint = fainter.filter((one) => !near.some((other) => isSame(one, other)));
  const clear = near.length > 0 || faint.length > 0 ? near : ongoing.length > 0 ? ongoing : since;
  const around = changesAround(evidence, start, until);
  const telling = (list: readonly FoundIncident[]): Incident[] => list.map((one) => tell(evidence, one, until));
  const nearestFirst = (list: readonly Incident[]): Incident[] => list.toSorted((a, b) => away(a) - away(b));
  const [told, toldFaint] = [telling(clear), nearestFirst(telling(faint))];
  const incidents = nearestFirst([...told, ...ofSuspects(evidence, [...told, ...toldFaint], around, until)]);
  const namedBy = ({ candidates: [first] }: Incident): Weighed | undefined =>
    around.find(({ known }) => known.change.id === first?.id && first.bystander === false);
  const isBySuspect = (one: Incident): boolean => namedBy(one)?.impact.verdict === 'suspect';
  const isNot = (one: Incident): boolean => !isBySuspect(one);
  const shown = [
    ...[...incidents, ...toldFaint].filter(isBySuspect),
    ...incidents.filter(isNot),
    ...toldFaint.filter((one) => isNot(one) && namedBy(one) !== undefined),
  ];
  if (shown.length + toldFaint.length === 0) return [...withoutSymptoms(evidence, start, until)];
  const named = new Set(shown.map(namedBy));
  const changes = new Set(around.filter((one) => !named.has(one)).map(({ known }) => known));
  const beside = withoutSymptoms(evidence, start, until, { incidents: shown, changes });
  return [...shown, ...beside, ...toldFaint.filter((one) => namedBy(one) === undefined)];
}

/** Whether two incidents tell of one thing: a way of trouble in common. */
function isSame(a: FoundIncident, b: FoundIncident): boolean {
  return a.symptoms.some((one) =>
    b.symptoms.some(({ kind, signature }) => kind === one.kind && signature === one.signature),
  );
}

/** Changes may have come into force this much before the start that a person names. */
const BEFORE_START_MILLIS = 300_000;

interface Weighed {
  readonly known: KnownChange;
  readonly impact: Impact;
}

const isSuspect = ({ impact }: Weighed): boolean => impact.verdict === 'suspect';

/** Each known suspect is weighed again, so that a busy range must not ask for too many. */
const MOST_KNOWN_SUSPECTS = 20;

/** Faint incidents that the timed looks found and scans of single models and callers do not. */
function ofKnownSuspects(
  evidence: Evidence,
  told: readonly Incident[],
  { suspects = [], filter }: IncidentQuery,
  until: number,
): Incident[] {
  if (filter !== undefined) return [];
  const wanted = new Set(suspects);
  const weighed = evidence.changes
    .filter(({ change }) => wanted.has(change.id))
    .slice(-MOST_KNOWN_SUSPECTS)
    .map((known) => ({ known, impact: weighChange(evidence, known.change, until) }));
  // What another cause explains better is told with that one.
  return ofSuspects(evidence, told, weighed, until).filter(({ candidates: [first] }) => wanted.has(first?.id ?? ''));
}

/** Changes near a named start with what they did themselves. */
function changesAround(evidence: Evidence, start: number, until: number): readonly Weighed[] {
  return evidence.changes
    .filter(({ time: { from } }) => from >= start - BEFORE_START_MILLIS && from <= start + LATER_MILLIS)
    .map((known) => ({ known, impact: weighChange(evidence, known.change, until) }));
}

/** What suspects near the start did by themselves, where no incident that was found names them first. */
function ofSuspects(
  evidence: Evidence,
  told: readonly Incident[],
  around: readonly Weighed[],
  until: number,
): Incident[] {
  const first = new Set(told.map(({ candidates }) => candidates[0]?.id));
  return around
    .filter((weighed) => isSuspect(weighed) && !first.has(weighed.known.change.id))
    .flatMap(({ known, impact }) => {
      const incident = incidentOfSuspect(evidence, known, impact);
      if (incident === undefined) return [];
      return [tell(evidence, incident, until, endOfSuspect(evidence, known, incident, until))];
    });
}
