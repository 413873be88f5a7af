import { cacheAnswers } from './cacheAnswers.ts';
import { TREATED } from './control.ts';
import { rememberAbout } from './evidence.ts';
import {
  type Cells,
  type Control,
  cellsOf,
  clusteringOf,
  controlOf,
  isNew,
  isUnheardOf,
  requestsOf,
  testCells,
  withAllBefore,
} from './failures.ts';
import { hasSignature, type Measured } from './measured.ts';
import { LEAST_MECHANISM, type Weights } from './mechanism.ts';
import { isOfConfiguration } from './patience.ts';
import { eachNear } from './rows.ts';
import type { Sight } from './sight.ts';
import type { Family } from './signatures.ts';
import { durationsNear, testSlow } from './slow.ts';
import { answersNear, testMix } from './targetMix.ts';
import { testVolume } from './vanished.ts';

/** What one look at a change sees. */
export interface Seen {
  readonly control: Control;
  readonly treated: { readonly before: number; readonly after: number };
  readonly rest: { readonly before: number; readonly after: number };
  /** Of the treated after, those that name what is touched themselves. */
  readonly direct: number;
  readonly indicators: readonly Measured[];
  /** Durations cannot be compared: so many more (or fewer) requests fail that those which succeed are others. */
  readonly durationsIncomparable: boolean;
}

/** What nobody had before counts from half a point on. */
const UNHEARD_POINTS = 0.005;
/** More of the touched requests fail (or less) by this much, and the rest is a different sample. */
const SAMPLE_POINTS = 0.02;

const weightOf = (weights: Weights, family: Family): number => weights[family] ?? 0;

function canMove({ known }: Sight, family: Family): boolean {
  const { worse, better, unknown } = known.mechanism;
  return unknown || weightOf(worse, family) >= LEAST_MECHANISM || weightOf(better, family) >= LEAST_MECHANISM;
}

function failureIndicators(sight: Sight, control: Control, look: number, isLast: boolean): Measured[] {
  const { evidence, known, tally } = sight;
  const { signatures } = evidence.signatures;
  const { worse, better } = known.mechanism;
  return (['ended', 'tried'] as const).flatMap((which) =>
    signatures.flatMap(({ family, label }, signature) => {
      const cells = cellsOf(tally, which, signature, signatures.length, control, look);
      if (cells.before.bad + cells.after.bad === 0) return [];
      const clustering = clusteringOf(tally, which, signature);
      const unheardOf = isOfConfiguration(family) && isUnheardOf(cells);
      return [
        {
          kind: which === 'ended' ? ('outcome' as const) : ('attempt' as const),
          family,
          signature,
          label: which === 'ended' ? label : `attempts with ${label}`,
          cells,
          tested: testCells(unheardOf ? withAllBefore(cells) : cells, clustering, evidence.parameters, {
            same: isLast && canMove(sight, family),
            ...(unheardOf && { points: UNHEARD_POINTS }),
          }),
          clustering,
          mechanismWorse: weightOf(worse, family),
          mechanismBetter: weightOf(better, family),
          isNew: isNew(cells),
          isUnheardOf: unheardOf,
          isBad: hasSignature(evidence, tally, which, signature),
        },
      ];
    }),
  );
}

function shareFailing({ tally, evidence }: Sight, from: number, to: number): number {
  const count = evidence.signatures.signatures.length;
  let [bad, total] = [0, 0];
  for (let slot = from; slot <= to; slot++) {
    total += tally.total[TREATED * tally.slots + slot] ?? 0;
    for (let signature = 0; signature < count; signature++) {
      bad += tally.ended[(TREATED * tally.slots + slot) * count + signature] ?? 0;
    }
  }
  return total === 0 ? 0 : bad / total;
}

function slowIndicators(sight: Sight, control: Control, look: number, isLast: boolean): Measured[] {
  const { evidence, known, tally, before, looks } = sight;
  if (!canMove(sight, 'slow')) return [];
  if (known.change.resource.kind === 'cache_policy') {
    const measured = cacheAnswers(sight, control, look);
    return measured === undefined ? [] : [measured];
  }
  const { worse, better } = known.mechanism;
  const durations = rememberAbout(evidence, known, 'durations', () =>
    durationsNear(evidence, known, tally, before.spans, looks.at(-1) ?? 0),
  );
  return testSlow(evidence, durations, control, looks[look] ?? 0, isLast).map((test) => ({
    kind: 'slow' as const,
    family: 'slow' as const,
    label: `slower than the ${test.name} before`,
    cells: test.cells,
    tested: test.tested,
    clustering: test.clustering,
    mechanismWorse: weightOf(worse, 'slow'),
    mechanismBetter: weightOf(better, 'slow'),
    isNew: false,
    ratio: test.ratio,
    isBad: test.isSlow,
  }));
}

function mixIndicators(sight: Sight, look: number): Measured[] {
  const { evidence, known, tally, before, looks } = sight;
  if (!evidence.parameters.ablations.targetMix || !canMove(sight, 'target_mix')) return [];
  const answers = rememberAbout(evidence, known, 'answers', () =>
    answersNear(evidence, known, tally, before.spans, looks.at(-1) ?? 0),
  );
  const test = answers === undefined ? undefined : testMix(evidence, answers, looks[look] ?? 0);
  if (test === undefined) return [];
  const { worse, better } = known.mechanism;
  return [
    {
      kind: 'target_mix' as const,
      family: 'target_mix' as const,
      label: `answered by ${test.model}`,
      model: test.model,
      cells: test.cells,
      tested: test.tested,
      clustering: 1,
      mechanismWorse: weightOf(worse, 'target_mix'),
      mechanismBetter: weightOf(better, 'target_mix'),
      isNew: false,
      ratio: test.harm,
      isBad: test.isOf,
    },
  ];
}

function volumeIndicators(sight: Sight, control: Control, look: number): Measured[] {
  const { known, tally, looks } = sight;
  if (!canMove(sight, 'vanished')) return [];
  const volume = testVolume(tally, control, look, looks[look] ?? 0);
  const { worse, better } = known.mechanism;
  const treated = requestsOf(tally, [TREATED], look);
  const rest = requestsOf(tally, control.categories, look);
  const cells: Cells = {
    before: { bad: 0, total: treated.before },
    after: { bad: Math.max(0, Math.round(volume.expected) - treated.after), total: Math.round(volume.expected) },
    controlBefore: { bad: 0, total: rest.before },
    controlAfter: { bad: 0, total: rest.after },
  };
  const effect = volume.expected === 0 ? 0 : 1 - Math.min(1, volume.seen / volume.expected);
  return [
    {
      kind: 'vanished' as const,
      family: 'vanished' as const,
      label: 'requests that stayed away',
      cells,
      tested: { expected: 0, effect, worse: volume.vanished, better: 0, same: effect < 0.5 ? 1 : 0 },
      clustering: 1,
      mechanismWorse: weightOf(worse, 'vanished'),
      mechanismBetter: weightOf(better, 'vanished'),
      isNew: false,
      isBad: () => undefined,
    },
  ];
}

/** Requests that only may come to a target by way of a group say little about it. */
function directAfter({ known, tally, evidence, looks }: Sight, look: number): number {
  const names = known.touch?.targets?.names;
  if (names === undefined || known.change.resource.kind !== 'model') return Number.POSITIVE_INFINITY;
  let direct = 0;
  eachNear(evidence, known, tally, [], looks[look] ?? 0, ({ category, combination }) => {
    const { shape, result } = evidence.combinations[combination] ?? {};
    if (category !== TREATED || shape?.requestedModel === undefined) return;
    if (names.has(shape.requestedModel) || result?.attempts.some(({ model }) => names.has(model ?? ''))) direct++;
  });
  return direct;
}

/** Measures every indicator of a change at one look. `isLast` asks for what clears, too. */
export function measure(sight: Sight, look: number, isLast: boolean): Seen {
  const { tally } = sight;
  const control = controlOf(tally, look);
  const treated = requestsOf(tally, [TREATED], look);
  const rest = requestsOf(tally, control.categories, look);
  const moved = Math.abs(shareFailing(sight, 1, look + 1) - shareFailing(sight, 0, 0));
  const durationsIncomparable = moved > SAMPLE_POINTS;
  return {
    control,
    treated,
    rest,
    direct: isLast ? directAfter(sight, look) : 0,
    durationsIncomparable,
    indicators: [
      ...failureIndicators(sight, control, look, isLast),
      ...(durationsIncomparable ? [] : slowIndicators(sight, control, look, isLast)),
      ...mixIndicators(sight, look),
      ...volumeIndicators(sight, control, look),
    ],
  };
}
