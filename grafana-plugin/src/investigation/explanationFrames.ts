import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import type { RequestExplanation } from '../api/investigations';
import { columnsOf } from '../frames/columns';
import { duration } from '../frames/duration';
import { plainText } from '../frames/plainText';
import { actionWords, kindWords } from '../frames/words';
import { verdictOf, verdictWords } from './verdictWords';

/** One line that a person reads. */
interface Line {
  readonly part: string;
  readonly says: string;
  /** What it is about: a resource, an attempt. */
  readonly about?: string;
  /** Epoch milliseconds. */
  readonly time?: number;
}

/**
 * An explanation line by line, to be read from the top: whose doing it was, why, the attempts, the configuration, what
 * changed before, and what cannot be known. One frame for all requests of an id.
 */
export function explanationLines(explanations: readonly RequestExplanation[], refId: string): DataFrame {
  const lines = explanations.flatMap((said) => linesOf(said));
  return createDataFrame({
    refId,
    name: 'investigation',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      { name: 'part', type: FieldType.string, values: lines.map(({ part }) => part) },
      {
        name: 'about',
        type: FieldType.string,
        values: lines.map(({ about }) => (about === undefined ? null : plainText(about))),
      },
      { name: 'says', type: FieldType.string, values: lines.map(({ says }) => plainText(says)) },
      { name: 'time', type: FieldType.time, values: lines.map(({ time }) => time ?? null) },
    ],
  });
}

function linesOf(said: RequestExplanation): Line[] {
  const { outcomeClass, sentence, startTime, evidence, attempts, resources, changes, changesSentence, unknowns } = said;
  return [
    { part: 'Conclusion', about: outcomeClass.replaceAll('_', ' '), says: sentence, time: startTime },
    ...evidence.map(({ text, attempt }) => ({
      part: 'Because',
      says: text,
      ...(attempt === undefined ? {} : { about: `attempt ${attempt}` }),
    })),
    ...attempts.map(({ index, model, proves }) => ({
      part: 'Attempt',
      about: model === undefined ? String(index) : `${index} ${model}`,
      says: proves,
    })),
    ...resources.map(({ kind, name, id, role, standing, since, revision }) => ({
      part: 'Configuration',
      about: `${kindWords(kind)} ${name ?? id ?? ''}`,
      says: [role, standing.replaceAll('_', ' '), ...(revision === undefined ? [] : [`revision ${revision}`])].join(
        ', ',
      ),
      ...(since === undefined ? {} : { time: since }),
    })),
    { part: 'Before it', says: changesSentence },
    ...changes.map(({ change, ageMs, met, role }) => ({
      part: 'Before it',
      about: `${kindWords(change.resource.kind)} ${change.resource.name ?? change.resource.id ?? ''}`,
      says: [
        `${actionWords(change.action)} ${duration(ageMs)} before`,
        role,
        met.replaceAll('_', ' '),
        ...(verdictOf(change) === undefined ? [] : [verdictWords(verdictOf(change) ?? '')]),
      ].join(', '),
      time: change.occurredAt,
    })),
    ...unknowns.map(({ text, from }) => ({
      part: 'Not known',
      says: text,
      ...(from === undefined ? {} : { time: from }),
    })),
  ];
}

/** Requests of an id with whose doing each was, one a row. */
export function explanationTable(explanations: readonly RequestExplanation[], refId: string): DataFrame {
  const column = columnsOf(explanations);
  return createDataFrame({
    refId,
    name: 'explanations',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('time', FieldType.time, ({ startTime }) => startTime),
      column('class', FieldType.string, ({ outcomeClass }) => outcomeClass),
      column('outcome', FieldType.string, ({ outcome }) => outcome),
      column('status', FieldType.number, ({ status }) => status),
      column('why', FieldType.string, ({ sentence }) => plainText(sentence)),
      column('changes before', FieldType.string, ({ changesSentence }) => plainText(changesSentence)),
      column('request', FieldType.string, ({ requestId }) => plainText(requestId)),
    ],
  });
}
