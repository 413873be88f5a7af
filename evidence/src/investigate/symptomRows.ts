import { coded } from './codes.ts';
import type { Evidence } from './evidence.ts';
import type { FoundSymptom } from './foundIncident.ts';
import { slowLimits } from './slowLimits.ts';
import { callerCodes } from './troubleCounts.ts';

/** How the requests of a window stand to a symptom. */
export interface SymptomRows {
  /** By combination: the question applies (for durations: successes that reached a provider). */
  readonly eligible: Uint8Array;
  /** By combination: it fails in the symptom's way at whom the symptom met. */
  readonly failing: Uint8Array;
  /** Whether a request is a bad one of the symptom. */
  isBad(row: number): boolean;
}

/** Prepares the question that a symptom asks of every request. */
export function symptomRows(evidence: Evidence, symptom: FoundSymptom): SymptomRows {
  const { kind, signature, models, keys } = symptom;
  const name = `rows ${kind} ${signature} ${[...models].join('\n')} ${[...keys].join('\n')}`;
  return evidence.rememberBriefly('symptom', name, () => rowsOf(evidence, symptom));
}

function rowsOf(evidence: Evidence, { kind, signature = -1, models, keys }: FoundSymptom): SymptomRows {
  const { combinations, combination, signatures, window, resultNumber } = evidence;
  const [requested, callers] = [coded(evidence, 'requestedModel'), callerCodes(evidence)];
  // What has no name is known by the empty one.
  const marks = (values: readonly (string | undefined)[], set: ReadonlySet<string>) =>
    values.map((value) => set.size === 0 || set.has(value ?? ''));
  const [asked, own] = [marks(requested.values, models), marks(callers.values, keys)];
  const isAnswer = window.results.map(({ outcome, cacheHit }) => outcome === 'success' && !cacheHit);
  const fails = window.results.map(({ attempts }, result) => {
    if (kind === 'slow') return isAnswer[result] === true;
    if (kind === 'outcome') return signatures.ended[result] === signature;
    return (
      kind === 'attempt' &&
      attempts.some(
        ({ model }, place) => models.has(model ?? '') && signatures.ofAttempts[result]?.[place] === signature,
      )
    );
  });
  const eligible = new Uint8Array(combinations.length);
  const failing = new Uint8Array(combinations.length);
  for (let number = 0; number < combinations.length; number++) {
    const result = resultNumber[number] ?? 0;
    eligible[number] = kind !== 'slow' || isAnswer[result] === true ? 1 : 0;
    const isAsked = kind === 'attempt' || asked[requested.code[number] ?? 0] === true;
    const isOwn = own[callers.code[number] ?? 0] === true;
    failing[number] = isOwn && isAsked && fails[result] === true ? 1 : 0;
  }
  const slow = slowLimits(evidence);
  return {
    eligible,
    failing,
    isBad(row) {
      if (failing[combination[row] ?? 0] !== 1) return false;
      if (kind !== 'slow') return true;
      const limit = slow.limitOf(window.shape[row] ?? 0);
      return limit !== undefined && (window.durationMs[row] ?? 0) > limit;
    },
  };
}
