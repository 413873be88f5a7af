import { createDataFrame, type DataFrame, type DataLink, FieldType } from '@grafana/data';
import type { Candidate, Incident, IncidentInvestigation } from '../api/investigations';
import { columnsOf } from '../frames/columns';
import { LINKED_ENVIRONMENT } from '../frames/links';
import { plainText } from '../frames/plainText';
import { ageWords, candidateWords, lengthWords, partsText, reasonOf, troubleWords, whoOf } from './candidateWords';
import { QUIET, VERDICT_PILLS, verdictWordsOf } from './verdictWords';

/** An incident, and what came with it. */
export interface FoundIncident {
  readonly incident: Incident;
  readonly changes: IncidentInvestigation['changes'];
  /** Name of the environment that was asked for; empty where none was named. */
  readonly environment: string;
}

export interface IncidentFrameOptions {
  readonly refId: string;
  /** From a change to what it did; the value is its id. */
  readonly links?: readonly DataLink[];
  /** Bystanders of each incident in the table of candidates; all when absent. */
  readonly bystanders?: number;
  /** From the start of an incident to its candidates; the value is epoch milliseconds. */
  readonly incidentLinks?: readonly DataLink[];
}

const VERDICT = 'What was found of the change when it was looked at by itself; what a person says goes first';

/** What is most likely where no change is, in the colour of whose doing it is. */
const WITHOUT_CHANGE: Readonly<Record<string, string>> = { provider: 'purple', caller: 'yellow', 'no change': QUIET };

const SURE = 'Evidence compared with the other candidates, not a probability of cause';

/** A candidate of an incident, with the change that it is. */
export interface Row extends Pick<FoundIncident, 'incident' | 'environment'> {
  readonly candidate: Candidate | undefined;
  readonly change: IncidentInvestigation['changes'][number] | undefined;
}

export function rowOf({ incident, changes, environment }: FoundIncident, candidate: Candidate | undefined): Row {
  const change = candidate?.kind === 'change' ? changes.find(({ id }) => id === candidate.id) : undefined;
  return { incident, environment, candidate, change };
}

const text = (value: string | undefined) => (value === undefined ? undefined : plainText(value));
export const nameOf = ({ candidate, change }: Row) =>
  candidate === undefined ? undefined : candidateWords(candidate, change);

/** What it is, who did it and when. */
function toldOf(row: Row): string | undefined {
  const { change, incident } = row;
  const who = whoOf(change);
  const by = who === undefined ? '' : ` by ${who}`;
  return change === undefined ? nameOf(row) : `${nameOf(row)}${by}, ${ageWords(change, incident)}`;
}

/** Whose doing it is where that is no change. */
function withoutChange({ candidate }: Row): string | undefined {
  const word = candidate?.kind.replaceAll('_', ' ') ?? '';
  return word in WITHOUT_CHANGE ? word : undefined;
}

/** What a change is called where it is linked to, by the id in the cell. */
const changeIdOf = ({ candidate }: Row) => (candidate?.kind === 'change' ? candidate.id : undefined);

// Of a table one column at most wraps: rows are as high as Grafana guesses from the longest text, and a guess of two
// columns that are about as long may take the wrong one.

/** Incidents, one a row: what went wrong, and what most likely caused it. */
export function incidentTable(
  found: readonly FoundIncident[],
  { refId, links = [], incidentLinks = [] }: IncidentFrameOptions,
): DataFrame {
  const rows = found.map((each) => rowOf(each, each.incident.candidates[0]));
  const column = columnsOf(rows);
  return createDataFrame({
    refId,
    name: 'incidents',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('began', FieldType.time, ({ incident }) => incident.start, { width: 165 }),
      column('lasted', FieldType.string, ({ incident }) => lengthWords(incident), { width: 95 }),
      column('what went wrong', FieldType.string, ({ incident }) => text(troubleWords(incident, 1))),
      column('requests', FieldType.string, ({ incident: { bad, total } }) => `${bad} of ${total}`, { width: 110 }),
      column('most likely', FieldType.string, (row) => text(toldOf(row)), { wrap: true }),
      column('verdict', FieldType.string, (row) => verdictWordsOf(row.change) ?? withoutChange(row), {
        width: 125,
        pills: { ...VERDICT_PILLS, ...WITHOUT_CHANGE },
        description: VERDICT,
      }),
      column('evidence', FieldType.number, ({ candidate }) => candidate?.relative, {
        unit: 'percentunit',
        decimals: 1,
        width: 88,
        description: SURE,
      }),
      ...linkColumns(column, links),
      ...(incidentLinks.length === 0
        ? []
        : [
            column('candidates', FieldType.string, ({ incident }) => String(incident.start), {
              width: 110,
              shownAs: 'All candidates',
              links: incidentLinks,
            }),
          ]),
      environmentColumn(column),
    ],
  });
}

/** Candidates of incidents, the best of each first; bystanders last and without a rank. */
export function candidateTable(
  found: readonly FoundIncident[],
  { refId, links = [], bystanders }: Pick<IncidentFrameOptions, 'refId' | 'links' | 'bystanders'>,
): DataFrame {
  const rows = found.flatMap((each) =>
    bystandersLast(each.incident, bystanders).map((candidate, at) => ({ ...rowOf(each, candidate), candidate, at })),
  );
  const column = columnsOf(rows);
  return createDataFrame({
    refId,
    name: 'suspects',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('incident', FieldType.time, ({ incident }) => incident.start, { width: 165 }),
      column('rank', FieldType.number, ({ candidate, at }) => (candidate.bystander ? undefined : at + 1), {
        width: 60,
        description: 'Bystanders, near in time and no explanation, have none',
      }),
      column('candidate', FieldType.string, (row) => text(nameOf(row))),
      verdictColumn(column),
      column('who', FieldType.string, ({ change }) => text(whoOf(change)), { width: 90 }),
      column(
        'age',
        FieldType.string,
        ({ change, incident }) => (change === undefined ? undefined : ageWords(change, incident)),
        { width: 120, description: 'Beside the start of the incident' },
      ),
      column('evidence', FieldType.number, ({ candidate }) => candidate.relative, {
        unit: 'percentunit',
        decimals: 1,
        width: 88,
        description: SURE,
      }),
      column('why', FieldType.string, ({ candidate }) => text(reasonOf(candidate)), { wrap: true }),
      column('score', FieldType.string, ({ candidate }) => partsText(candidate.parts), {
        description: 'What speaks for and against it, in nats: 1 is a factor of 2.7, 3 one of 20',
      }),
      ...linkColumns(column, links),
      environmentColumn(column),
    ],
  });
}

const bystandersLast = ({ candidates }: Incident, most?: number): readonly Candidate[] => [
  ...candidates.filter(({ bystander }) => !bystander),
  ...candidates.filter(({ bystander }) => bystander).slice(0, most),
];

type ColumnMaker<R extends Row> = ReturnType<typeof columnsOf<R>>;

const verdictColumn = <R extends Row>(column: ColumnMaker<R>) =>
  column('verdict', FieldType.string, ({ change }) => verdictWordsOf(change), {
    width: 125,
    pills: VERDICT_PILLS,
    description: VERDICT,
  });

/** Nothing in the row of what is no change, so that it has no link that leads nowhere. */
const linkColumns = <R extends Row>(column: ColumnMaker<R>, links: readonly DataLink[]) =>
  links.length === 0
    ? []
    : [column('change', FieldType.string, changeIdOf, { width: 100, shownAs: 'What it did', links })];

const environmentColumn = <R extends Row>(column: ColumnMaker<R>) =>
  column(LINKED_ENVIRONMENT, FieldType.string, ({ environment }) => environment, { hidden: true });
