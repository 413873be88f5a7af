import { TREATED } from './control.ts';
import type { KnownChange } from './evidence.ts';
import { type Cells, cellsOf, clusteringOf, controlOf, requestsOf, testCells } from './failures.ts';
import { fits, onsetFor } from './findings.ts';
import { type Broken, insideOf, tallyInside } from './insideIncident.ts';
import { poissonAtMost } from './likelihood.ts';
import { hasSignature, type Measured } from './measured.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import { mixFix } from './mixFix.ts';
import type { Counts, Look, Reason } from './model.ts';
import { restoredChange } from './noEffect.ts';
import type { Onset } from './onset.ts';
import { eachNear } from './rows.ts';
import { rivalReason } from './separation.ts';
import type { Sight } from './sight.ts';
import { type Family, OUTAGE_FAMILIES } from './signatures.ts';
import { slowLimits } from './slowLimits.ts';
import type { Span } from './spans.ts';

/** What a change ended. */
export interface Fix {
  readonly measured: Measured;
  readonly reason: Reason;
  readonly onset: Onset;
}

/** An incident's own requests have to be this many. */
const LEAST_INSIDE = 8;
const LEAST_AFTER = 8;
/** That an earlier value is back halves the doubt: smaller effects count. */
const RESTORED_POINTS = 0.005;
/** What puts back the value before a suspect needs less proof that the trouble is over. */
const UNDONE = 0.9;

function familyOf(sight: Sight, { kind, signature }: Broken): Family {
  if (kind === 'slow' || kind === 'vanished') return kind;
  return sight.evidence.signatures.signatures[signature ?? -1]?.family ?? 'other';
}

function failureFix(sight: Sight, trouble: Broken, look: number, points?: number): Measured | undefined {
  const { evidence } = sight;
  const { signature = -1, kind } = trouble;
  const which = kind === 'attempt' ? ('tried' as const) : ('ended' as const);
  const inside = insideOf(sight, trouble);
  const tally = tallyInside(sight, inside);
  const control = controlOf(tally, look);
  const all = evidence.signatures.signatures;
  const cells = cellsOf(tally, which, signature, all.length, control, look);
  const clustering = clusteringOf(tally, which, signature);
  const known = all[signature];
  if (known === undefined) return undefined;
  return {
    kind: which === 'ended' ? 'outcome' : 'attempt',
    family: known.family,
    signature,
    label: which === 'ended' ? known.label : `attempts with ${known.label}`,
    cells,
    tested: testCells(cells, clustering, evidence.parameters, { same: false, ...(points !== undefined && { points }) }),
    clustering,
    mechanismWorse: sight.known.mechanism.worse[known.family] ?? 0,
    mechanismBetter: sight.known.mechanism.better[known.family] ?? 0,
    isNew: false,
    isBad: hasSignature(evidence, tally, which, signature),
  };
}

function slowFix(sight: Sight, trouble: Broken, look: number): Measured {
  const { evidence, known, tally, looks } = sight;
  const limits = slowLimits(evidence);
  const isBad: Measured['isBad'] = ({ row, combination }) => {
    const { shape, result } = evidence.combinations[combination] ?? {};
    if (shape?.requestedModel !== trouble.of || result?.outcome !== 'success' || result.cacheHit) return undefined;
    const limit = limits.limitOf(evidence.window.shape[row] ?? 0);
    return limit === undefined ? undefined : (evidence.window.durationMs[row] ?? 0) > limit;
  };
  const counts = { before: [0, 0], after: [0, 0] };
  eachNear(evidence, known, tally, [insideOf(sight, trouble)], looks[look] ?? 0, (near) => {
    const answer = near.category === TREATED ? isBad(near) : undefined;
    if (answer === undefined) return;
    const side = near.since < 0 ? counts.before : counts.after;
    side[0] = (side[0] ?? 0) + (answer ? 1 : 0);
    side[1] = (side[1] ?? 0) + 1;
  });
  const cell = ([bad = 0, total = 0]: readonly number[]): Counts => ({ bad, total });
  const none: Counts = { bad: 0, total: 0 };
  const cells: Cells = {
    before: cell(counts.before),
    after: cell(counts.after),
    controlBefore: none,
    controlAfter: none,
  };
  const weight = Math.max(known.mechanism.better.slow ?? 0, known.mechanism.better.target_mix ?? 0);
  return {
    kind: 'slow',
    family: 'slow',
    label: 'slower than usual',
    cells,
    tested: testCells(cells, 1, evidence.parameters, { same: false, points: 0.05 }),
    clustering: 1,
    mechanismWorse: 0,
    mechanismBetter: weight,
    isNew: false,
    isBad,
  };
}

function volumeFix(sight: Sight, trouble: Broken, look: number): Measured | undefined {
  const { evidence, known, looks } = sight;
  const inside = insideOf(sight, trouble);
  const tally = tallyInside(sight, inside);
  const own = requestsOf(tally, [TREATED], look);
  const afterMillis = looks[look] ?? 0;
  const length = (trouble.end ?? evidence.window.to) - trouble.start;
  const usual = (trouble.total / Math.max(1, length)) * afterMillis;
  const stayed = (own.before / Math.max(1, tally.beforeMillis)) * afterMillis;
  if (usual < 2 * LEAST_AFTER || own.after < usual / 2) return undefined;
  return {
    kind: 'vanished',
    family: 'vanished',
    label: 'requests that stayed away',
    cells: {
      before: { bad: trouble.bad, total: trouble.total },
      after: { bad: Math.max(0, Math.round(usual) - own.after), total: Math.round(usual) },
      controlBefore: { bad: 0, total: 0 },
      controlAfter: { bad: 0, total: 0 },
    },
    tested: {
      expected: 1 - stayed / usual,
      effect: -(own.after - stayed) / usual,
      worse: 0,
      better: poissonAtMost(own.after - 1, Math.max(stayed, usual / 4)),
      same: 0,
    },
    clustering: 1,
    mechanismWorse: 0,
    mechanismBetter: known.mechanism.better.vanished ?? 0,
    isNew: false,
    isBad: () => undefined,
  };
}

/** Requests that stayed away between a change that shut callers out and the one that lets them in again. */
function goneSince(sight: Sight, { time }: KnownChange): Broken {
  const { evidence, known } = sight;
  const { beforeMillis } = evidence.parameters;
  const usual = { from: Math.max(evidence.window.from, time.from - beforeMillis), to: time.from };
  const counted = requestsOf(tallyInside(sight, usual), [TREATED], 0).before;
  const length = Math.max(0, known.time.from - time.to);
  const total = Math.round((counted / Math.max(1, usual.to - usual.from)) * length);
  return { kind: 'vanished', start: time.to, end: known.time.from, of: '', bad: total, total };
}

/** What a change ended at one look: the mirrored test against the incident's own window. */
export function fixesFor(sight: Sight, { probability: wanted }: Look, look: number): Fix | undefined {
  const { known, before, evidence, looks } = sight;
  const restored = restoredChange(evidence, known);
  const restores = restored !== undefined;
  const probability = restored !== undefined && sight.wasSuspect(restored) ? Math.min(wanted, UNDONE) : wanted;
  const found: Fix[] = [];
  const consider = (measured: Measured | undefined, spans: readonly Span[], reason: Reason): void => {
    if (measured === undefined || measured.tested.better < probability) return;
    if (measured.mechanismBetter < LEAST_MECHANISM) return;
    if (measured.kind !== 'vanished' && measured.cells.before.total < LEAST_INSIDE) return;
    if (measured.cells.after.total < LEAST_AFTER) return;
    const onset = onsetFor(sight, measured, spans, look, false);
    if (evidence.parameters.ablations.onset && !fits(onset)) return;
    // An outage ends by itself; that the earlier value is back makes a fix of it.
    if (OUTAGE_FAMILIES.has(measured.family) && measured.kind !== 'target_mix' && !restores) return;
    const rival = rivalReason(evidence, known, sight.tally, {
      family: measured.family,
      usual: 0.5,
      worse: false,
      began: 0,
      afterMillis: looks[look] ?? 0,
      isBad: measured.isBad,
    });
    if (rival === undefined) found.push({ measured, reason: restores ? 'restores_earlier_value' : reason, onset });
  };
  for (const trouble of before.lasting) {
    const inside = [insideOf(sight, trouble)];
    if ((inside[0]?.to ?? 0) <= (inside[0]?.from ?? 0)) continue;
    if (trouble.kind === 'slow') consider(slowFix(sight, trouble, look), inside, 'better_than_incident');
    else if (trouble.kind === 'vanished') consider(volumeFix(sight, trouble, look), inside, 'traffic_returned');
    else if ((known.mechanism.better[familyOf(sight, trouble)] ?? 0) >= LEAST_MECHANISM) {
      consider(failureFix(sight, trouble, look), inside, 'better_than_incident');
    }
  }
  if (restored !== undefined) {
    // What it puts back was in force until the earlier change: between the two lies what that one did.
    const since = { start: restored.time.to };
    if ((restored.mechanism.worse.vanished ?? 0) >= LEAST_MECHANISM && sight.wasSuspect(restored)) {
      consider(volumeFix(sight, goneSince(sight, restored), look), [insideOf(sight, since)], 'traffic_returned');
    }
    for (const [signature, { family }] of evidence.signatures.signatures.entries()) {
      if ((known.mechanism.better[family] ?? 0) < LEAST_MECHANISM) continue;
      for (const kind of ['outcome', 'attempt'] as const) {
        const broken: Broken = { ...since, kind, signature, of: '', bad: 0, total: 0 };
        consider(failureFix(sight, broken, look, RESTORED_POINTS), [insideOf(sight, since)], 'better_than_incident');
      }
    }
  }
  consider(mixFix(sight, look), before.spans, 'better_than_incident');
  return found.toSorted(
    (a, b) =>
      b.measured.cells.before.bad - a.measured.cells.before.bad || (a.measured.label < b.measured.label ? -1 : 1),
  )[0];
}
