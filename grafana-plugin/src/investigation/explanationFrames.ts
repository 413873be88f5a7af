import { createDataFrame, type DataFrame, type DataLink, FieldType } from '@grafana/data';
import type { RequestExplanation } from '../api/investigations';
import { columnsOf } from '../frames/columns';
import { span } from '../frames/duration';
import { LINKED_ENVIRONMENT } from '../frames/links';
import { plainText, shortText } from '../frames/plainText';
import { actionWords, kindWords } from '../frames/words';
import { type Line, lineFrame } from './lines';
import { CLASS_PILLS, classWords, VERDICT_PILLS, verdictWordsOf } from './verdictWords';

/** Characters of a name in a line. */
const NAME = 60;

/**
 * An explanation line by line: whose doing it was, why, the attempts, the configuration, what changed before, and what
 * cannot be known. One frame for all requests of an id.
 */
export function explanationLines(explanations: readonly RequestExplanation[], refId: string): DataFrame {
  return lineFrame(explanations.flatMap(linesOf), refId, { ...VERDICT_PILLS, ...CLASS_PILLS });
}

function linesOf(said: RequestExplanation): Line[] {
  const { outcomeClass, sentence, startTime, outcome, status, evidence, resources, unknowns } = said;
  // Of attempts the lines below say more.
  const because = evidence.filter(({ attempt }) => attempt === undefined).map(({ text }) => text);
  return [
    {
      finding: classWords(outcomeClass),
      about: status === undefined ? outcome : `${status} ${outcome}`,
      says: sentence,
      time: startTime,
    },
    ...changeLines(said),
    ...(because.length === 0 ? [] : [{ finding: 'because', says: because.join(' ') }]),
    ...attemptLines(said),
    ...resources.map(({ kind, name, id, role, standing, since, revision }) => ({
      finding: 'configuration',
      about: `${kindWords(kind)} ${shortText(name ?? id ?? '', NAME)}`,
      says: [role, ...(revision === undefined ? [] : [`revision ${revision}`]), STANDING[standing] ?? standing].join(
        ' · ',
      ),
      time: since,
    })),
    ...unknowns.map(({ text, from }) => ({ finding: 'not known', says: text, time: from })),
  ];
}

const STANDING: Readonly<Record<string, string>> = {
  in_force: 'served as saved',
  refused: 'a newer one was refused, the last good one was served',
  pending: 'a newer one was saved and not served yet',
  in_transition: 'just coming into force, so that either may have been served',
  wanted_only: 'as saved; no data plane tells what it served',
  absent: 'was not there',
  unknown: 'not known here',
};

const MET: Readonly<Record<string, string>> = {
  in_force: 'in force',
  not_in_force: 'not in force yet',
  in_transition: 'just coming into force',
  refused: 'refused by the data plane',
};

/** Where nobody tells, the sentence above says so of all of them. */
const metWords = (met: string): string[] => (met === 'unknown' ? [] : [MET[met] ?? met.replaceAll('_', ' ')]);

/** Attempts, those that prove the same at the same target in one line. */
function attemptLines({ attempts }: RequestExplanation): Line[] {
  const groups = Map.groupBy(attempts, ({ model = '', proves }) => `${model}\n${proves}`);
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const numbers = alike.map(({ index }) => index).join(', ');
    return {
      finding: 'attempt',
      about: `${numbers}${first.model === undefined ? '' : ` at ${shortText(first.model, NAME)}`}`,
      says: first.proves,
    };
  });
}

/** What changed before it, right under the conclusion: that is what one looks for. */
function changeLines({ changes, changesSentence }: RequestExplanation): Line[] {
  return [
    { finding: 'changed before', says: changesSentence },
    ...changes.map(({ change, ageMs, met, role }) => ({
      // What was found of the change says more than that it was before.
      finding: verdictWordsOf(change) ?? 'changed before',
      about: `${kindWords(change.resource.kind)} ${shortText(change.resource.name ?? change.resource.id ?? '', NAME)}`,
      says: [`${actionWords(change.action)} ${span(ageMs)} before it`, role, ...metWords(met)].join(' · '),
      time: change.occurredAt,
    })),
  ];
}

/** Requests of an id with whose doing each was, one a row. */
export function explanationTable(
  explanations: readonly RequestExplanation[],
  refId: string,
  links: readonly DataLink[] = [],
): DataFrame {
  const column = columnsOf(explanations);
  return createDataFrame({
    refId,
    name: 'explanations',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('time', FieldType.time, ({ startTime }) => startTime, { width: 165 }),
      column('class', FieldType.string, ({ outcomeClass }) => classWords(outcomeClass), {
        width: 175,
        pills: CLASS_PILLS,
        description: 'Who or what was responsible',
      }),
      column('outcome', FieldType.string, ({ outcome }) => outcome, { width: 130 }),
      column('status', FieldType.number, ({ status }) => status, { unit: 'none', width: 75 }),
      column('why', FieldType.string, ({ sentence }) => plainText(sentence), { wrap: true }),
      column('changes before', FieldType.string, ({ changesSentence }) => plainText(changesSentence), { wrap: true }),
      column('request', FieldType.string, ({ requestId }) => requestId, { width: 290, links }),
      column(LINKED_ENVIRONMENT, FieldType.string, ({ environment }) => environment, { hidden: true }),
    ],
  });
}
