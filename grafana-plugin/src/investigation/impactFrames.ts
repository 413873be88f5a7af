import { createDataFrame, type DataFrame, dateTimeFormat, FieldType } from '@grafana/data';
import type { ImpactInvestigation } from '../api/investigations';
import { actorOf, headOf, pathsText } from '../frames/changes';
import { columnsOf } from '../frames/columns';
import { span } from '../frames/duration';
import { plainText } from '../frames/plainText';
import { type Line, lineFrame } from './lines';
import { VERDICT_PILLS, verdictWords } from './verdictWords';

type Impact = ImpactInvestigation['impact'];
type Indicator = Impact['indicators'][number];

/** Indicators that are told one by one; the table has all. */
const TOLD = 5;

/** What one change did, line by line: the verdict with the sentence, what was changed, what moved, what is not known. */
export function impactLines({ change, impact, oneIn, changesCut }: ImpactInvestigation, refId: string): DataFrame {
  const { verdict, sentence, indicators, groups, silent, inForceFrom } = impact;
  const human = change.verdict?.human;
  const actor = actorOf(change);
  const paths = pathsText(change);
  const moved = indicators.slice(0, TOLD);
  const lines: Line[] = [
    ...(human === undefined
      ? []
      : [{ finding: verdictWords(human.value), about: headOf(change), says: `Set by ${human.by}.`, time: human.at }]),
    { finding: verdictWords(verdict), about: headOf(change), says: sentence, time: inForceFrom ?? change.occurredAt },
    {
      finding: 'changed',
      about: actor === undefined ? 'by somebody unknown' : `by ${actor}`,
      says: paths === '' ? 'Which fields is not known.' : paths,
      time: change.occurredAt,
    },
    ...(groups === undefined ? [] : [comparedLine(groups)]),
    ...moved.map((indicator) => ({
      finding: 'moved',
      about: indicator.label,
      says: movedText(indicator),
    })),
    ...(indicators.length > TOLD
      ? [{ finding: 'moved', says: `${indicators.length - TOLD} more, which the table has.` }]
      : []),
    lookLine(impact),
    ...silent.map(({ feed, of, from, to }) => ({
      finding: 'not known',
      about: feed,
      says: `Nothing was heard of ${of} for ${span(to - from)}.`,
      time: from,
    })),
    ...(changesCut === true
      ? [{ finding: 'not known', says: 'There were more changes than are looked at; the oldest are left out.' }]
      : []),
    ...(oneIn > 1 ? [{ finding: 'not known', says: `One in ${oneIn} requests was looked at.` }] : []),
  ];
  return lineFrame(lines, refId, VERDICT_PILLS);
}

const CONTROLS: Readonly<Record<NonNullable<Impact['groups']>['control'], string>> = {
  siblings: 'resources beside it',
  others: 'all other traffic',
  weak: 'all other traffic, a weak comparison',
  none: '',
};

function comparedLine({ treatedBefore, treatedAfter, control, ...spans }: NonNullable<Impact['groups']>): Line {
  const before = span(spans.beforeTo - spans.beforeFrom);
  const after = span(spans.afterTo - spans.afterFrom);
  const beside = CONTROLS[control];
  return {
    finding: 'compared',
    about: `${treatedBefore} and ${treatedAfter} requests`,
    says: `${before} before with ${after} after it${beside === '' ? ', with no other traffic to compare with' : `, compared with ${beside}`}.`,
  };
}

function movedText({ before, after, controlBefore, controlAfter, newSignature, echo, ...of }: Indicator): string {
  const others =
    controlBefore.total === 0 ? '' : `; beside it ${shareText(controlBefore)} → ${shareText(controlAfter)}`;
  const times = of.ratio === undefined ? '' : `; ${of.ratio.toFixed(1)} times as long`;
  const sure = Math.max(of.probabilityWorse, of.probabilityBetter);
  const way = of.probabilityWorse >= of.probabilityBetter ? 'worse' : 'better';
  return [
    `${countsText(before)} before, ${countsText(after)} after${others}${times}; ${way}, ${sureText(sure)} sure`,
    newSignature ? '; never seen before' : '',
    echo === undefined ? '' : `; a message quotes the new value: ${echo}`,
    '.',
  ].join('');
}

/** Nothing that was counted is certain. */
const sureText = (probability: number) => (probability >= 0.9995 ? 'more than 99.9 %' : percent(probability));

const countsText = ({ bad, total }: Indicator['before']) => `${bad} of ${total}`;
const shareText = ({ bad, total }: Indicator['before']) => (total === 0 ? 'none' : percent(bad / total));
const percent = (share: number) => {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
};

function lookLine({ look, settled, nextLookAt }: Impact): Line {
  const looked = look === undefined ? 'Not looked at yet' : `Decided at the look ${look.name}`;
  if (settled) return { finding: 'looked at', says: `${looked}; no later look changes it.` };
  if (nextLookAt === undefined) return { finding: 'looked at', says: `${looked}.` };
  const at = dateTimeFormat(nextLookAt, { format: 'HH:mm:ss' });
  return { finding: 'looked at', says: `${looked}; looked at again at ${at}.`, time: nextLookAt };
}

/** What one change did in numbers, an indicator a row. */
export function impactTable({ impact }: ImpactInvestigation, refId: string): DataFrame {
  const column = columnsOf(impact.indicators);
  const probability = { unit: 'percentunit', decimals: 1, width: 90 } as const;
  return createDataFrame({
    refId,
    name: 'impact',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('what', FieldType.string, ({ label }) => plainText(label), { wrap: true }),
      column('before', FieldType.string, ({ before }) => countsText(before), { width: 120 }),
      column('after', FieldType.string, ({ after }) => countsText(after), { width: 120 }),
      column('beside it before', FieldType.string, ({ controlBefore }) => countsText(controlBefore), { width: 130 }),
      column('beside it after', FieldType.string, ({ controlAfter }) => countsText(controlAfter), { width: 130 }),
      column('expected', FieldType.number, ({ expected }) => expected, {
        ...probability,
        description: 'Share that was to be expected, had nothing been done',
      }),
      column('effect', FieldType.number, ({ effect }) => effect, {
        ...probability,
        description: 'Share after it, less the expected one',
      }),
      column('worse', FieldType.number, ({ probabilityWorse }) => probabilityWorse, probability),
      column('better', FieldType.number, ({ probabilityBetter }) => probabilityBetter, probability),
      column('as before', FieldType.number, ({ probabilitySame }) => probabilitySame, probability),
      column('mechanism', FieldType.number, ({ mechanism }) => mechanism, {
        ...probability,
        description: 'How well what was changed explains it',
      }),
    ],
  });
}
