import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import type { Marker } from '../api/contract';
import { columnsOf } from './columns';
import { AROUND_TO, aroundLinks, LINKED_ENVIRONMENT, type LinkTargets } from './links';
import { aroundOf } from './markers';
import { actionWords, kindWords } from './words';

/** Markers as a table, for where nothing is drawn that they could lie over. */
export function markerTable(
  markers: readonly Marker[],
  refId: string,
  environmentName: (id: string) => string,
  links: Pick<LinkTargets, 'self' | 'explained'>,
): DataFrame {
  const column = columnsOf(markers);
  const placeOf = ({ environment }: Marker) => (environment === undefined ? undefined : environmentName(environment));
  return createDataFrame({
    refId,
    name: 'change markers',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('time', FieldType.time, ({ time }) => time, { width: 165 }),
      column('kind', FieldType.string, ({ kind }) => kindWords(kind)),
      column('action', FieldType.string, ({ action }) => actionWords(action)),
      column('changes', FieldType.number, ({ count }) => count, { width: 85 }),
      column('environment', FieldType.string, placeOf),
      column('around', FieldType.string, (marker) => aroundOf(marker).from, {
        width: 95,
        shownAs: 'Around it',
        links: aroundLinks(links),
      }),
      column(AROUND_TO, FieldType.string, (marker) => aroundOf(marker).to, { hidden: true }),
      column(LINKED_ENVIRONMENT, FieldType.string, (marker) => placeOf(marker) ?? '', { hidden: true }),
    ],
  });
}
