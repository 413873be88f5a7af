import { type Possible, possibleCauses, touchedByCause } from './candidates.ts';
import { type Classes, classesOf, countCells, type SymptomCells } from './cells.ts';
import { familyOfSymptom } from './commonCause.ts';
import { echoes } from './echo.ts';
import { type Evidence, firstAt } from './evidence.ts';
import { type Callers, callersIn, clusteringIn, type Explained, explained, misfitOf } from './explained.ts';
import type { FoundIncident, FoundSymptom } from './foundIncident.ts';
import type { ScoreParts } from './model.ts';
import type { Family } from './signatures.ts';
import { symptomRows } from './symptomRows.ts';

const MOST_STRENGTH = 20;
const MOST_MISFIT = 10;
const MOST_LAG = 8;
const LAG_MILLIS = 600_000;
const ECHO = 5;
const LEAST_WEIGHT = 0.02;
/** A change this much after the start cannot be the cause any more. */
export const LATER_MILLIS = 60_000;
const LATER = 3;
const LATER_PER_MILLIS = 1 / 120_000;
const ECHO_SHARE = 0.8;

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
      family: familyOfSymptom(evidence, symptom),
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

/** A candidate with its parts. */
export interface Scored {
  readonly cause: Possible;
  readonly parts: ScoreParts;
  readonly weight: number;
  readonly later: boolean;
}

/**
 * Combinations by the candidates that touch them. Incidents of one time mostly have the same changes, which come first,
 * so that these are looked at once for all of them.
 */
function classesFor(evidence: Evidence, causes: readonly Possible[]): Classes {
  const count = evidence.combinations.length;
  function* of(list: readonly Possible[]): Generator<Uint8Array> {
    for (const cause of list) yield touchedByCause(evidence, cause);
  }
  const changes = causes.filter(({ kind }) => kind === 'change');
  const name = changes.map(({ id }) => id).join('\n');
  const last = evidence.remember('classes of changes', () => ({ name: '', classes: classesOf(count, []) }));
  if (last.name !== name) Object.assign(last, { name, classes: classesOf(count, of(changes)) });
  return classesOf(count, of(causes.slice(changes.length)), last.classes);
}

/** What each candidate explains of an incident, as of `until`. */
export function score(evidence: Evidence, incident: FoundIncident, until: number): Scored[] {
  const causes = possibleCauses(evidence, incident, until);
  const counted = countSymptoms(evidence, incident, causes, classesFor(evidence, causes), until);
  const end = Math.min(incident.end ?? until, until);
  const start = Math.min(...counted.map(({ cells }) => cells.firstBad));
  const messages = counted.map(({ symptom }) =>
    symptom.signature === undefined ? [] : messagesOf(evidence, symptom, end),
  );
  const gains = causes.map((cause) => {
    const touched = touchedByCause(evidence, cause);
    return counted.map((one) => explained(one.cells, one.symptom, cause, touched, one.clustering));
  });
  // A caller that sends more than before fails more often, too: what meets it alone it explains as well as anything.
  const whole = gains[causes.findIndex(({ kind }) => kind === 'no_change')] ?? [];
  const natsOf = (cause: Possible, own: readonly Explained[]): readonly number[] =>
    own.map(({ nats }, place) => {
      const keys = counted[place]?.symptom.keys;
      const isItsOwn = cause.kind === 'caller' && keys?.size === 1 && keys.has(cause.id);
      return isItsOwn ? Math.max(nats, whole[place]?.nats ?? 0) : nats;
    });
  // Each symptom counts by what the best candidate explains of it.
  const most = counted.map((_, place) => Math.max(1e-9, ...gains.map((gain) => gain[place]?.nats ?? 0)));
  const all = most.reduce((sum, nats) => sum + nats, 0);
  return causes.map((cause, index) => {
    const own = gains[index] ?? [];
    const nats = natsOf(cause, own).reduce((sum, one) => sum + one, 0);
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
