import { type Possible, possibleCauses, touchedByCause } from './candidates.ts';
import { type Classes, classesOf, countCells, type SymptomCells } from './cells.ts';
import { echoes } from './echo.ts';
import { type Evidence, firstAt } from './evidence.ts';
import { type Callers, callersIn, clusteringIn, explained, misfitOf } from './explained.ts';
import { candidateSentence, incidentSentence } from './incidentSentences.ts';
import { type FoundIncident, type FoundSymptom, findIncidents } from './incidents.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import type { Candidate, Incident, IncidentQuery, ScoreParts, Symptom } from './model.ts';
import type { Family } from './signatures.ts';
import { incidentOfSuspect } from './suspectIncident.ts';
import { symptomRows } from './symptomRows.ts';
import { weighChange } from './weighChange.ts';
import { withoutSymptoms } from './withoutSymptoms.ts';

/** A start that a person gives is off by a minute or two. */
const GIVEN_START_MILLIS = 120_000;
const MOST_STRENGTH = 20;
const MOST_MISFIT = 10;
const MOST_LAG = 8;
const LAG_MILLIS = 600_000;
const ECHO = 5;
const LEAST_WEIGHT = 0.02;
/** A change this much after the start cannot be the cause any more. */
const LATER_MILLIS = 60_000;
const LATER = 3;
const LATER_PER_MILLIS = 1 / 120_000;
const ECHO_SHARE = 0.8;

const familyOf = (evidence: Evidence, { kind, signature }: FoundSymptom): Family =>
  kind === 'slow' || kind === 'vanished' ? kind : (evidence.signatures.signatures[signature ?? -1]?.family ?? 'other');

/** A symptom with its counts, and how much it weighs in its incident. */
interface Counted {
  readonly symptom: FoundSymptom;
  readonly cells: SymptomCells;
  readonly family: Family;
  readonly clustering: number;
  readonly callers: Callers;
}

function countSymptoms(
  evidence: Evidence,
  incident: FoundIncident,
  causes: readonly Possible[],
  classes: Classes,
  until: number,
): Counted[] {
  const { beforeMillis } = evidence.parameters;
  const from = Math.max(evidence.window.from, incident.start - beforeMillis);
  const end = Math.min(incident.end ?? until, until);
  return incident.symptoms.map((symptom) => {
    const inside = [from, symptom.start, end, ...causes.flatMap((cause) => [cause.from, cause.to])];
    const borders = [...new Set(inside.filter((time) => time >= from && time <= end))].sort((a, b) => a - b);
    const cells = countCells(evidence, symptom, borders, classes);
    return {
      symptom,
      cells,
      family: familyOf(evidence, symptom),
      clustering: clusteringIn(evidence, symptom, from),
      callers: callersIn(evidence, cells),
    };
  });
}

/** Different messages that are searched: those that come most often. */
const MOST_MESSAGES = 200;

/** Messages of a symptom's requests with how often each came. */
function messagesOf(evidence: Evidence, symptom: FoundSymptom, end: number): readonly (readonly [string, number])[] {
  const { window } = evidence;
  const { isBad } = symptomRows(evidence, symptom);
  const counts = new Map<number, number>();
  const last = firstAt(window, end);
  for (let row = firstAt(window, symptom.start); row < last; row++) {
    const message = window.message[row] ?? -1;
    if (message >= 0 && isBad(row)) counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  return [...counts]
    .toSorted((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MOST_MESSAGES)
    .map(([message, count]) => [window.messages[message] ?? '', count]);
}

/** Whether most of the symptom's messages quote what the change put in. */
function isEchoed({ known }: Possible, messages: readonly (readonly [string, number])[]): boolean {
  if (known === undefined || known.change.paths.length === 0) return false;
  let [quoting, all] = [0, 0];
  for (const [text, count] of messages) {
    all += count;
    if (echoes(known.change, text)) quoting += count;
  }
  return all > 0 && quoting / all >= ECHO_SHARE;
}

interface Scored {
  readonly cause: Possible;
  readonly parts: ScoreParts;
  readonly weight: number;
  readonly later: boolean;
}

function score(evidence: Evidence, incident: FoundIncident, until: number): Scored[] {
  const causes = possibleCauses(evidence, incident, until);
  const touches = causes.map((cause) => touchedByCause(evidence, cause));
  const classes = classesOf(evidence.combinations.length, touches);
  const counted = countSymptoms(evidence, incident, causes, classes, until);
  const end = Math.min(incident.end ?? until, until);
  const start = Math.min(...counted.map(({ cells }) => cells.firstBad));
  const messages = counted.map(({ symptom }) =>
    symptom.signature === undefined ? [] : messagesOf(evidence, symptom, end),
  );
  const gains = causes.map((cause, index) =>
    counted.map((one) => explained(one.cells, one.symptom, cause, touches[index] ?? new Uint8Array(), one.clustering)),
  );
  // Each symptom counts by what the best candidate explains of it.
  const most = counted.map((_, place) => Math.max(1e-9, ...gains.map((gain) => gain[place]?.nats ?? 0)));
  const all = most.reduce((sum, nats) => sum + nats, 0);
  return causes.map((cause, index) => {
    const own = gains[index] ?? [];
    const nats = own.reduce((sum, one) => sum + one.nats, 0);
    const weight = counted.reduce(
      (sum, { family }, place) => sum + (cause.weights[family] ?? 0) * ((most[place] ?? 0) / all),
      0,
    );
    const isQuoted = messages.some((own) => isEchoed(cause, own));
    const misfit = cause.kind === 'change' ? misfitOf(counted, own, cause, start, isQuoted) : 0;
    const later = cause.kind === 'change' && cause.from > start + LATER_MILLIS;
    const lag = later
      ? -LATER - (cause.from - start) * LATER_PER_MILLIS
      : -Math.min(MOST_LAG, Math.max(0, start - cause.to) / LAG_MILLIS);
    const { ablations } = evidence.parameters;
    return {
      cause,
      weight,
      later,
      parts: {
        strength: -Math.min(MOST_STRENGTH, all) * (1 - Math.min(1, nats / all)),
        onset: ablations.onset ? -Math.min(MOST_MISFIT, misfit) : 0,
        lag,
        mechanism: Math.log(Math.max(LEAST_WEIGHT, weight)),
        echo: isQuoted ? ECHO : 0,
        prior: cause.prior,
      },
    };
  });
}

const sumOf = (parts: ScoreParts): number => Object.values(parts).reduce((sum, part) => sum + part, 0);

function toldCandidates(scored: readonly Scored[]): Candidate[] {
  const totals = scored.map(({ parts }) => sumOf(parts));
  const top = Math.max(...totals);
  const mass = totals.reduce((sum, total) => sum + Math.exp(total - top), 0);
  return scored
    .map(({ cause, parts, weight, later }, index): Candidate => {
      const total = totals[index] ?? 0;
      const bystander = cause.kind === 'change' && (later || weight < LEAST_MECHANISM);
      return {
        kind: cause.kind,
        id: cause.id,
        name: cause.name,
        score: total,
        relative: Math.exp(total - top) / mass,
        parts,
        sentence: candidateSentence(cause, parts, { later, bystander }),
        bystander,
      };
    })
    .toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

function toldSymptom(evidence: Evidence, symptom: FoundSymptom, until: number): Symptom {
  const signature = evidence.signatures.signatures[symptom.signature ?? -1];
  const { isBad, eligible, failing } = symptomRows(evidence, symptom);
  const end = Math.min(symptom.end ?? until, until);
  const last = firstAt(evidence.window, end);
  let [bad, total] = [0, 0];
  const models = new Set(symptom.models);
  const apiKeyIds = new Set(symptom.keys);
  for (let row = firstAt(evidence.window, symptom.start); row < last; row++) {
    const number = evidence.combination[row] ?? 0;
    if (eligible[number] === 1) total++;
    if (failing[number] !== 1 || !isBad(row)) continue;
    bad++;
    const { shape } = evidence.combinations[number] ?? {};
    if (shape?.requestedModel !== undefined && symptom.models.size === 0) models.add(shape.requestedModel);
    if (shape?.apiKeyId !== undefined && symptom.keys.size === 0) apiKeyIds.add(shape.apiKeyId);
  }
  const label = signature?.label ?? (symptom.kind === 'slow' ? 'slower than usual' : 'requests that stayed away');
  const missing = symptom.kind === 'vanished';
  return {
    kind: symptom.kind,
    ...(signature?.errorClass !== undefined && { errorClass: signature.errorClass }),
    ...(signature?.status !== undefined && { status: signature.status }),
    ...(signature !== undefined && { outcome: signature.outcome }),
    label: symptom.kind === 'attempt' ? `attempts with ${label}` : label,
    start: symptom.start,
    end,
    bad: missing ? symptom.bad : bad,
    total: missing ? symptom.total : total,
    models: [...models].sort(),
    apiKeyIds: [...apiKeyIds].sort(),
  };
}

function tell(evidence: Evidence, incident: FoundIncident, until: number): Incident {
  const symptoms = incident.symptoms.map((symptom) => toldSymptom(evidence, symptom, until));
  const candidates = toldCandidates(score(evidence, incident, until));
  const told = {
    start: incident.start,
    ...(incident.end !== undefined && { end: incident.end }),
    symptoms,
    bad: symptoms.reduce((sum, { bad }) => sum + bad, 0),
    total: Math.max(0, ...symptoms.map(({ total }) => total)),
    candidates,
  };
  return { ...told, sentence: incidentSentence(told) };
}

/**
 * Incidents and what may have caused them, best first, with what was known at `now` (epoch milliseconds). Without a
 * start all incidents of the window are found; with one, those that began near it or were going on.
 */
export function rankSuspects(evidence: Evidence, query: IncidentQuery, now: number): Incident[] {
  const until = Math.min(now, query.end ?? Number.POSITIVE_INFINITY, evidence.window.to);
  const found = findIncidents(evidence, until, query.filter);
  const { start } = query;
  if (start === undefined) return found.map((incident) => tell(evidence, incident, until));
  const isNear = (one: FoundIncident): boolean => Math.abs(one.start - start) <= GIVEN_START_MILLIS;
  const near = found.filter(isNear);
  // Noise that happens to be there must not hide the fainter trouble that the person means.
  const fainter = near.length > 1 ? [] : findIncidents(evidence, until, query.filter, true).filter(isNear);
  const faint = fainter.length > near.length ? fainter : near;
  const ongoing = found.filter((one) => one.start <= start && (one.end ?? until) >= start);
  const since = found.filter((one) => one.start > start);
  const chosen = [faint, ongoing, since].find((list) => list.length > 0) ?? [];
  const told = chosen
    .toSorted((a, b) => Math.abs(a.start - start) - Math.abs(b.start - start))
    .map((incident) => tell(evidence, incident, until));
  const all = [...told, ...ofSuspects(evidence, told, start, until)];
  return all.length === 0 ? [withoutSymptoms(evidence, start, until)] : all;
}

/** Suspects near a named start may have come into force this much before it. */
const BEFORE_START_MILLIS = 300_000;

/** What suspects near the start did by themselves, where no incident that was found names them first. */
function ofSuspects(evidence: Evidence, told: readonly Incident[], start: number, until: number): Incident[] {
  const first = new Set(told.map(({ candidates }) => candidates[0]?.id));
  return evidence.changes
    .filter(({ time }) => time.from >= start - BEFORE_START_MILLIS && time.from <= start + LATER_MILLIS)
    .filter(({ change }) => !first.has(change.id))
    .flatMap((known) => {
      const impact = weighChange(evidence, known.change, until);
      const incident = impact.verdict === 'suspect' ? incidentOfSuspect(evidence, known, impact) : undefined;
      return incident === undefined ? [] : [tell(evidence, incident, until)];
    });
}
