import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import type { ImpactInvestigation, IncidentInvestigation } from '../api/investigations';
import { columnsOf } from '../frames/columns';
import { plainText } from '../frames/plainText';
import { actionWords, kindWords } from '../frames/words';
import { verdictWords } from './verdictWords';

type Candidate = IncidentInvestigation['incidents'][number]['candidates'][number];

/** Candidates of incidents, best first within each, one a row; bystanders last and called so. */
export function candidateTable({ incidents, changes }: IncidentInvestigation, refId: string): DataFrame {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const rows = incidents.flatMap((incident, at) =>
    incident.candidates.map((candidate, place) => ({ incident, candidate, at, place })),
  );
  const column = columnsOf(rows);
  return createDataFrame({
    refId,
    name: 'suspects',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('incident', FieldType.time, ({ incident }) => incident.start),
      column('until', FieldType.time, ({ incident }) => incident.end),
      column('rank', FieldType.number, ({ place }) => place + 1),
      column('candidate', FieldType.string, ({ candidate }) => plainText(nameOf(candidate))),
      column('evidence beside the others', FieldType.number, ({ candidate }) => candidate.relative, 'percentunit'),
      column('why', FieldType.string, ({ candidate }) => plainText(candidate.sentence)),
      column('bystander', FieldType.boolean, ({ candidate }) => candidate.bystander),
      column('made', FieldType.time, ({ candidate }) => byId.get(candidate.id)?.occurredAt),
      column('strength', FieldType.number, ({ candidate }) => candidate.parts.strength),
      column('onset', FieldType.number, ({ candidate }) => candidate.parts.onset),
      column('age', FieldType.number, ({ candidate }) => candidate.parts.lag),
      column('mechanism', FieldType.number, ({ candidate }) => candidate.parts.mechanism),
      column('echo', FieldType.number, ({ candidate }) => candidate.parts.echo),
      column('id', FieldType.string, ({ candidate }) => (candidate.kind === 'change' ? candidate.id : undefined)),
    ],
  });
}

const NAMED: Readonly<Record<Candidate['kind'], string>> = {
  change: 'Change of',
  provider: 'Provider of',
  caller: 'Caller',
  no_change: '',
};

const nameOf = ({ kind, name }: Candidate): string => [NAMED[kind], name].filter((word) => word !== '').join(' ');

/** Incidents, one a row. */
export function incidentTable({ incidents }: IncidentInvestigation, refId: string): DataFrame {
  const column = columnsOf(incidents);
  return createDataFrame({
    refId,
    name: 'incidents',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('start', FieldType.time, ({ start }) => start),
      column('end', FieldType.time, ({ end }) => end),
      column('what', FieldType.string, ({ symptoms }) => plainText(symptoms.map(({ label }) => label).join(', '))),
      column('requests', FieldType.number, ({ bad }) => bad),
      column('of', FieldType.number, ({ total }) => total),
      column('says', FieldType.string, ({ sentence }) => plainText(sentence)),
      column('first candidate', FieldType.string, ({ candidates }) =>
        candidates[0] === undefined ? undefined : plainText(nameOf(candidates[0])),
      ),
    ],
  });
}

/** What one change did: the verdict first, then each indicator with its counts, one a row. */
export function impactTable({ change, impact }: ImpactInvestigation, refId: string): DataFrame {
  const { resource, action } = change;
  const rows = [
    {
      what: `${kindWords(resource.kind)} ${resource.name ?? resource.id ?? ''} ${actionWords(action)}: ${verdictWords(impact.verdict)}`,
      says: impact.sentence,
      indicator: undefined,
    },
    ...impact.indicators.map((indicator) => ({ what: indicator.label, says: undefined, indicator })),
  ];
  const column = columnsOf(rows);
  return createDataFrame({
    refId,
    name: 'impact',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('what', FieldType.string, ({ what }) => plainText(what)),
      column('says', FieldType.string, ({ says }) => (says === undefined ? undefined : plainText(says))),
      column('before', FieldType.string, ({ indicator }) => countsOf(indicator?.before)),
      column('after', FieldType.string, ({ indicator }) => countsOf(indicator?.after)),
      column('others before', FieldType.string, ({ indicator }) => countsOf(indicator?.controlBefore)),
      column('others after', FieldType.string, ({ indicator }) => countsOf(indicator?.controlAfter)),
      column('worse', FieldType.number, ({ indicator }) => indicator?.probabilityWorse, 'percentunit'),
      column('better', FieldType.number, ({ indicator }) => indicator?.probabilityBetter, 'percentunit'),
    ],
  });
}

function countsOf(counts: { readonly bad: number; readonly total: number } | undefined): string | undefined {
  return counts === undefined ? undefined : `${counts.bad} of ${counts.total}`;
}
