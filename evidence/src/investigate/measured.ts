import { TREATED } from './control.ts';
import type { Evidence } from './evidence.ts';
import type { Cells, Tested } from './failures.ts';
import type { Indicator, IndicatorKind } from './model.ts';
import type { NearRow } from './rows.ts';
import type { Family } from './signatures.ts';
import type { Tally } from './tally.ts';

/** An indicator with what is needed to look into it further. */
export interface Measured {
  readonly kind: IndicatorKind;
  readonly family: Family;
  /** Of `outcome` and `attempt`. */
  readonly signature?: number;
  readonly label: string;
  readonly model?: string;
  readonly cells: Cells;
  readonly tested: Tested;
  readonly clustering: number;
  readonly mechanismWorse: number;
  readonly mechanismBetter: number;
  readonly isNew: boolean;
  /** Of a kind that only configuration brings about, that nobody had before, and nobody else has now. */
  readonly isUnheardOf?: boolean;
  readonly ratio?: number;
  /** Yes or no for a request near the change; undefined where the question does not apply. */
  readonly isBad: (near: NearRow) => boolean | undefined;
}

/** Whether a request has a signature: where it is touched, only if what is touched is to blame. */
export function hasSignature(
  evidence: Evidence,
  tally: Tally,
  which: 'ended' | 'tried',
  signature: number,
): (near: NearRow) => boolean {
  const { attribution } = tally;
  const { signatures, resultNumber: results } = evidence;
  return ({ combination, category }) => {
    const resultNumber = results[combination] ?? 0;
    if (which === 'ended') {
      return (category === TREATED ? attribution.ended[combination] : signatures.ended[resultNumber]) === signature;
    }
    const tries = category === TREATED ? attribution.tried.get(combination) : signatures.tried[resultNumber];
    return tries?.includes(signature) === true;
  };
}

/** What is told of an indicator. */
export function tell(
  evidence: Evidence,
  measured: Measured,
  found: { readonly late: number; readonly elsewhere: number; readonly echo?: string },
): Indicator {
  const { kind, signature, label, model, cells, tested, ratio } = measured;
  const known = signature === undefined ? undefined : evidence.signatures.signatures[signature];
  return {
    kind,
    ...(known?.errorClass !== undefined && { errorClass: known.errorClass }),
    ...(known?.status !== undefined && { status: known.status }),
    ...(known !== undefined && { outcome: known.outcome }),
    ...(model !== undefined && { model }),
    label,
    ...cells,
    expected: tested.expected,
    effect: tested.effect,
    probabilityWorse: tested.worse,
    probabilityBetter: tested.better,
    probabilitySame: tested.same,
    mechanism: Math.max(measured.mechanismWorse, measured.mechanismBetter),
    newSignature: measured.isNew,
    late: found.late,
    elsewhere: found.elsewhere,
    ...(found.echo !== undefined && { echo: found.echo }),
    ...(ratio !== undefined && { ratio }),
  };
}
