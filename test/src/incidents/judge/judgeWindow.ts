import type { ConfigChange } from '@aisix-observability/evidence';
import { createRandom } from '../../gateway/random.ts';
import { JUDGE } from '../parameters.ts';
import { requestWindowOf } from '../render/requestWindow.ts';
import type { SimulatedWindow } from '../simulateWindow.ts';
import type { TrueFault, TrueTrouble, Truth } from '../truth.ts';
import type { Algorithm, Opened, Ranked, RankedIncident, Said } from './algorithm.ts';
import { addTo, type Counts } from './counts.ts';
import { binOf } from './relativeBins.ts';

/** Looks are bounded by the parameters; this only stops an algorithm that never settles. */
const MAX_LOOKS = 12;
/** A person reads two of the incidents that are named for a start. */
const READ_INCIDENTS = 2;
/** An incident that was found by itself is the one in question when it began at most this far from the onset. */
const NEAR_MS = 120_000;

/** Opening a lossy window anew for every look is dear: looks of one minute share what had arrived at its start. */
const SHARED_MS = 60_000;
/** Every so many windows are also ranked in the ways that the gates do not count. */
const ALL_TIMES_EVERY = 4;

/** An algorithm before a window, as of a time: of a lossy one it only gets what had arrived. */
type OpenAt = (now: number) => Opened;

function openerOf(algorithm: Algorithm, window: SimulatedWindow): OpenAt {
  const { changes, config, base, cell } = window;
  const open = (arrivedBy?: number) =>
    algorithm.open({
      window: requestWindowOf(window, arrivedBy === undefined ? {} : { arrivedBy }),
      changes,
      config,
    });
  if (cell.situation !== 'lossy') {
    const opened = open();
    return () => opened;
  }
  const made = new Map<number, Opened>();
  return (now) => {
    const arrivedBy = Math.floor((Math.min(now, window.end) - base) / SHARED_MS) * SHARED_MS;
    const known = made.get(arrivedBy) ?? open(arrivedBy);
    made.set(arrivedBy, known);
    return known;
  };
}

/** Everything that an algorithm said of a change, look after look, by the product's schedule. */
function verdictsOf(change: ConfigChange, openAt: OpenAt, window: SimulatedWindow): Said[] {
  const said: Said[] = [];
  let now = change.occurredAt + JUDGE.settleMs;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const next = openAt(now).weigh?.(change, now);
    if (next === undefined) return said;
    said.push(next);
    if (next.nextLookAt === undefined) return said;
    const later = Math.max(next.nextLookAt, now) + JUDGE.settleMs;
    if (later > window.end) return said;
    now = later;
  }
  return said;
}

const isCounted = ({ points }: TrueFault) => points > JUDGE.countedPoints;

/** Judges the verdicts on all changes of a window. */
function judgeVerdicts(window: SimulatedWindow, openAt: OpenAt, counts: Counts): void {
  const { truth, changes } = window;
  const faults = new Map(truth.faults.map((fault) => [fault.changeId, fault]));
  const fixes = new Map(
    truth.faults.flatMap((fault) => (fault.fixId === undefined ? [] : [[fault.fixId, fault] as const])),
  );
  for (const change of changes) {
    const said = verdictsOf(change, openAt, window);
    const last = said.at(-1);
    if (last === undefined) return;
    const suspected = said.find(({ verdict }) => verdict === 'suspect');
    const fault = faults.get(change.id);
    const fixed = fixes.get(change.id);
    if (fault !== undefined) judgeFault(fault, last, suspected, counts);
    else if (fixed !== undefined) judgeFix(fixed, last, suspected, counts);
    else judgeHarmless(window, change, last, suspected, counts);
  }
}

function judgeFault(fault: TrueFault, last: Said, suspected: Said | undefined, counts: Counts): void {
  const counted = isCounted(fault) ? 'fault' : 'small';
  addTo(counts, counted);
  addTo(counts, `${counted}.${last.verdict}`);
  addTo(counts, `${counted}.${fault.kind}`);
  const isSeen = isCounted(fault) && fault.harmed >= JUDGE.seenRequests;
  if (isSeen) addTo(counts, 'seen');
  if (suspected !== undefined) {
    addTo(counts, `${counted}.found`);
    if (isSeen) addTo(counts, 'seen.found');
    addTo(counts, `${counted}.found.${fault.kind}`);
    addTo(counts, `look.${suspected.look}.true`);
  } else {
    addTo(counts, `${counted}.missed.${last.verdict}.${last.reason}`);
  }
}

function judgeFix(fault: TrueFault, last: Said, suspected: Said | undefined, counts: Counts): void {
  if (!isCounted(fault)) return;
  addTo(counts, 'fix');
  addTo(counts, `fix.${last.verdict}`);
  if (suspected !== undefined) addTo(counts, 'fix.suspected');
}

function judgeHarmless(
  { truth }: SimulatedWindow,
  change: ConfigChange,
  last: Said,
  suspected: Said | undefined,
  counts: Counts,
): void {
  const role = truth.roles.get(change.id)?.role ?? 'benign';
  addTo(counts, 'harmless');
  addTo(counts, `harmless.${last.verdict}`);
  addTo(counts, `role.${role}`);
  if (role === 'rejected' || role === 'same') addTo(counts, `role.${role}.${last.verdict}`);
  if (suspected === undefined) return;
  addTo(counts, 'harmless.suspected');
  addTo(counts, `role.${role}.suspected`);
  addTo(counts, `look.${suspected.look}.false`);
}

/** The incidents that a person reads: the first ones where a start was given, else those that began nearest to the onset. */
function read(incidents: readonly RankedIncident[], onset: number | undefined): readonly RankedIncident[] {
  if (onset === undefined) return incidents.slice(0, READ_INCIDENTS);
  const away = ({ start }: RankedIncident) => Math.abs(start - onset);
  return incidents
    .filter((incident) => away(incident) <= NEAR_MS)
    .toSorted((a, b) => away(a) - away(b))
    .slice(0, READ_INCIDENTS);
}

function placeOf(incidents: readonly RankedIncident[], isIt: (candidate: Ranked) => boolean): number {
  const places = incidents.map(({ candidates }) => candidates.findIndex(isIt)).filter((place) => place >= 0);
  return places.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...places);
}

/** Judges the ranking of suspects for every fault and trouble. */
function judgeRanking(window: SimulatedWindow, openAt: OpenAt, counts: Counts): void {
  const random = createRandom(window.seed + 17);
  const { truth, end } = window;
  const error = () => (random.next() * 2 - 1) * JUDGE.startErrorMs;
  for (const fault of truth.faults) {
    const start = fault.onset + error();
    if (isCounted(fault))
      judgePlaces('rank', start, fault.onset, ({ kind, id }) => kind === 'change' && id === fault.changeId);
  }
  for (const trouble of truth.troubles) {
    if (trouble.kind === 'disturbance') continue;
    judgePlaces(`trouble.${trouble.kind}`, trouble.from + error(), trouble.from, (candidate) =>
      names(trouble, candidate),
    );
  }

  function judgePlaces(name: string, start: number, onset: number, isIt: (candidate: Ranked) => boolean): void {
    for (const [index, after] of JUDGE.rankAfterMs.entries()) {
      const isSampled = (window.seed >> 1) % ALL_TIMES_EVERY === 0;
      if (index !== JUDGE.gatedRank && !isSampled) continue;
      const now = Math.min(onset + after + JUDGE.settleMs, end);
      const incidents = read(openAt(now).rank(start, now), undefined);
      const place = placeOf(incidents, isIt);
      addTo(counts, `${name}.${index}`);
      if (place === 0) addTo(counts, `${name}.${index}.first`);
      if (place < 3) addTo(counts, `${name}.${index}.three`);
      if (index === JUDGE.gatedRank) {
        judgeShare(incidents);
        const strict = placeOf(incidents.slice(0, causesNear(truth, onset)), isIt);
        if (strict === 0) addTo(counts, `${name}.strict.first`);
        if (strict < 3) addTo(counts, `${name}.strict.three`);
      }
      if (index !== JUDGE.gatedRank || !isSampled) continue;
      addTo(counts, `${name}.auto`);
      const found = placeOf(read(openAt(now).rank(undefined, now), onset), isIt);
      if (found === 0) addTo(counts, `${name}.auto.first`);
      if (found < 3) addTo(counts, `${name}.auto.three`);
    }
  }

  /** How often the first candidate of what is read first was a true cause, by the share of the evidence it was given. */
  function judgeShare([incident]: readonly RankedIncident[]): void {
    const [best] = incident?.candidates ?? [];
    if (incident === undefined || best?.relative === undefined) return;
    const bin = binOf(best.relative);
    addTo(counts, `relative.${bin}`);
    if (isCauseNear(truth, incident.start, best)) addTo(counts, `relative.${bin}.true`);
  }
}

/** How many true causes began about then: who reads no more incidents than there are has the strictest view. */
function causesNear({ faults, troubles }: Truth, onset: number): number {
  const onsets = [...faults.map((fault) => fault.onset), ...troubles.map(({ from }) => from)];
  return Math.min(READ_INCIDENTS, onsets.filter((one) => Math.abs(one - onset) <= NEAR_MS).length);
}

/** Whether a candidate is what truly began about then: the fault's change, or the trouble that no change brought. */
function isCauseNear({ faults, troubles }: Truth, start: number, candidate: Ranked): boolean {
  const isNear = (onset: number) => Math.abs(onset - start) <= NEAR_MS;
  return (
    faults.some(({ changeId, onset }) => isNear(onset) && candidate.kind === 'change' && candidate.id === changeId) ||
    troubles.some((trouble) => isNear(trouble.from) && names(trouble, candidate))
  );
}

function names({ kind, names: named }: TrueTrouble, candidate: Ranked): boolean {
  if (kind === 'caller')
    return candidate.kind === 'caller' && named.some((name) => candidate.name === name || candidate.id === name);
  return candidate.kind === 'provider' && named.some((name) => candidate.name === name || candidate.id === name);
}

/** Lets an algorithm work on a window and compares what it says with the truth. */
export function judgeWindow(algorithm: Algorithm, window: SimulatedWindow): Counts {
  const counts: Counts = { windows: 1 };
  const openAt = openerOf(algorithm, window);
  judgeVerdicts(window, openAt, counts);
  judgeRanking(window, openAt, counts);
  return counts;
}
