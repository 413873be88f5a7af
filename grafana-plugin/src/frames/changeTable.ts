import { createDataFrame, type DataFrame, type DataLink, FieldType } from '@grafana/data';
import type { ConfigChange } from '../api/changes';
import { VERDICT_PILLS, verdictWordsOf } from '../investigation/verdictWords';
import { actorOf, linkedEnvironment, pathsText, placeOf } from './changes';
import { columnsOf, type Look } from './columns';
import { LINKED_ENVIRONMENT } from './links';
import { plainText } from './plainText';
import { actionWords, kindWords } from './words';

/** Changes as a table, newest first, for panels that list or count them. Texts are whole; tables cut and show them on hover. */
export function changeTable(
  changes: readonly ConfigChange[],
  refId: string,
  environmentName: (id: string) => string,
  links: readonly DataLink[] = [],
): DataFrame {
  const column = columnsOf(changes);
  const text = (name: string, read: (change: ConfigChange) => string | undefined, look: Look = {}) =>
    column(
      name,
      FieldType.string,
      (change) => {
        const value = read(change);
        return value === undefined ? undefined : plainText(value);
      },
      look,
    );
  return createDataFrame({
    refId,
    name: 'changes',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('time', FieldType.time, ({ occurredAt }) => Math.floor(occurredAt), { width: 165 }),
      text('verdict', verdictWordsOf, { width: 125, pills: VERDICT_PILLS }),
      text('kind', ({ resource }) => kindWords(resource.kind), { width: 125 }),
      text('resource', ({ resource }) => resource.name ?? resource.id, { width: 140 }),
      text('action', ({ action }) => actionWords(action), { width: 85 }),
      text('actor', (change) => actorOf(change) ?? 'unknown', { width: 100 }),
      text('environment', (change) => placeOf(change, environmentName), { width: 105 }),
      text('what', pathsText),
      text('found', ({ verdict }) => verdict?.computed?.sentence),
      text('state', ({ state }) => state, { width: 90 }),
      column('in force', FieldType.time, ({ effective }) => earliest(effective), { width: 165 }),
      text('trust', ({ trust }) => trust, { width: 85 }),
      text('id', ({ id }) => id, links.length === 0 ? {} : { width: 100, shownAs: 'What it did', links }),
      text(LINKED_ENVIRONMENT, linkedEnvironment(environmentName), { hidden: true }),
    ],
  });
}

const earliest = (effective: ConfigChange['effective']): number | undefined =>
  effective.length === 0 ? undefined : Math.min(...effective.map(({ at }) => at));
