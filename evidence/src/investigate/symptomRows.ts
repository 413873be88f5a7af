import type { Evidence } from './evidence.ts';
import type { FoundSymptom } from './incidents.ts';
import { slowLimits } from './slowLimits.ts';

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
  return evidence.remember(name, () => rowsOf(evidence, symptom));
}

function rowsOf(evidence: Evidence, { kind, signature = -1, models, keys }: FoundSymptom): SymptomRows {
  const { combinations, combination, signatures, window } = evidence;
  const eligible = new Uint8Array(combinations.length);
  const failing = new Uint8Array(combinations.length);
  for (const [number, { shape, result, resultNumber }] of combinations.entries()) {
    const own = keys.size === 0 || keys.has(shape.apiKeyId ?? shape.apiKeyName ?? '');
    const asked = models.size === 0 || models.has(shape.requestedModel ?? '');
    const isSuccess = result.outcome === 'success' && !result.cacheHit;
    eligible[number] = kind === 'slow' ? (isSuccess ? 1 : 0) : 1;
    const fails =
      kind === 'slow'
        ? isSuccess && asked
        : kind === 'outcome'
          ? signatures.ended[resultNumber] === signature && asked
          : kind === 'attempt' &&
            result.attempts.some(
              ({ model }, place) =>
                models.has(model ?? '') && signatures.ofAttempts[resultNumber]?.[place] === signature,
            );
    failing[number] = own && fails ? 1 : 0;
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
