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
      column('time', FieldType.time, ({ occurredAt }) => Math.floor(occurredAt)),
      text('kind', ({ resource }) => kindWords(resource.kind)),
      text('resource', ({ resource }) => resource.name ?? resource.id),
      text('action', ({ action }) => actionWords(action)),
      text('actor', (change) => actorOf(change) ?? 'unknown'),
      text('environment', (change) => placeOf(change, environmentName)),
      text('what', pathsText),
      text('state', ({ state }) => state),
      column('in force', FieldType.time, ({ effective }) => earliest(effective)),
      text('trust', ({ trust }) => trust),
      text('verdict', verdictWordsOf, { width: 130, pills: VERDICT_PILLS }),
      text('found', ({ verdict }) => verdict?.computed?.sentence, { wrap: true }),
      text('id', ({ id }) => id, links.length === 0 ? {} : { width: 105, shownAs: 'What it did', links }),
      text(LINKED_ENVIRONMENT, linkedEnvironment(environmentName), { hidden: true }),
    ],
  });
}

const earliest = (effective: ConfigChange['effective']): number | undefined =>
  effective.length === 0 ? undefined : Math.min(...effective.map(({ at }) => at));
