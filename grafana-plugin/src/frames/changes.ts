import { createDataFrame, type DataFrame, DataFrameType, type DataLink, FieldType } from '@grafana/data';
import type { ConfigChange } from '../api/changes';
import { verdictWordsOf } from '../investigation/verdictWords';
import { LINKED_ENVIRONMENT } from './links';
import { plainText, shortText } from './plainText';
import { actionWords, kindWords } from './words';

/** Characters of a name and of a value in a sentence; labels have them whole. */
const NAME = 60;
const VALUE = 40;

/** Values told in a sentence; the rest is counted. */
const PATHS = 3;

type EnvironmentName = (id: string) => string;

const nameOf = ({ resource }: ConfigChange) => shortText(resource.name ?? resource.id ?? '', NAME);
/** Who did it, as far as that is known. */
export const actorOf = ({ actor }: ConfigChange) =>
  actor === undefined ? undefined : (actor.name ?? actor.id ?? actor.type);
export const placeOf = ({ environment }: ConfigChange, name: EnvironmentName) =>
  environment === null ? 'organization' : name(environment);

/** Name of the environment in which a change is found; nothing for one of the whole organization, found in each. */
export const linkedEnvironment =
  (name: EnvironmentName) =>
  ({ environment }: ConfigChange): string =>
    environment === null ? '' : name(environment);

/** `Model gpt-4o updated by ada: /timeout 30 → 5`. */
export function changeSentence(change: ConfigChange): string {
  const actor = actorOf(change);
  const by = actor === undefined ? '' : ` by ${shortText(actor, NAME)}`;
  const paths = pathsText(change);
  const state = change.state === 'applied' || change.state === 'unknown' ? '' : ` (${change.state})`;
  return `${headOf(change)}${by}${paths === '' ? '' : `: ${paths}`}${state}`;
}

/** `Model gpt-4o updated`. */
export const headOf = (change: ConfigChange) =>
  `${kindWords(change.resource.kind)} ${nameOf(change)} ${actionWords(change.action)}`.replace(/\s+/g, ' ');

/** `/timeout 30 → 5, /key (secret), 2 more`. */
export function pathsText({ paths }: ConfigChange): string {
  const told = paths.slice(0, PATHS).map(({ path, before, after, secret }) => {
    if (secret) return `${shortText(path, NAME)} (secret)`;
    const name = shortText(path, NAME);
    if (before === undefined) return after === undefined ? name : `${name} set to ${valueText(after)}`;
    return after === undefined
      ? `${name} ${valueText(before)} removed`
      : `${name} ${valueText(before)} → ${valueText(after)}`;
  });
  if (paths.length > PATHS) told.push(`${paths.length - PATHS} more`);
  return told.join(', ');
}

const valueText = (value: unknown) => shortText(jsonText(value), VALUE);
const jsonText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Changes as rows of the log list, where Grafana sorts them in among the requests. */
export function changeLogFrame(
  changes: readonly ConfigChange[],
  refId: string,
  environmentName: EnvironmentName,
  links: readonly DataLink[] = [],
): DataFrame {
  return createDataFrame({
    refId,
    name: 'changes',
    meta: { type: DataFrameType.LogLines, typeVersion: [0, 0], preferredVisualisationType: 'logs' },
    fields: [
      { name: 'timestamp', type: FieldType.time, values: changes.map(({ occurredAt }) => Math.floor(occurredAt)) },
      {
        name: 'body',
        type: FieldType.string,
        values: changes.map((change) => plainText(`⚙ ${changeSentence(change)}`)),
      },
      {
        name: 'severity',
        type: FieldType.string,
        values: changes.map(({ state, result }) =>
          state === 'rejected' || result === 'failure' ? 'warning' : 'notice',
        ),
      },
      { name: 'id', type: FieldType.string, values: changes.map(({ id }) => `change/${id}`) },
      { name: 'labels', type: FieldType.other, values: changes.map((change) => labelsOf(change, environmentName)) },
      { name: 'change', type: FieldType.string, config: { links: [...links] }, values: changes.map(({ id }) => id) },
      { name: LINKED_ENVIRONMENT, type: FieldType.string, values: changes.map(linkedEnvironment(environmentName)) },
    ],
  });
}

/** None has the name of a field of requests, by which a click on its value would filter. */
function labelsOf(change: ConfigChange, environmentName: EnvironmentName): Record<string, string> {
  const { resource, action, environment, trust, result, state, paths } = change;
  const actor = actorOf(change);
  const verdict = verdictWordsOf(change);
  return {
    kind: resource.kind,
    action,
    resource: resource.name ?? resource.id ?? '',
    ...(actor === undefined ? {} : { actor }),
    ...(environment === null ? { changeScope: 'organization' } : { changeEnvironment: environmentName(environment) }),
    trust,
    result,
    changeState: state,
    ...(verdict === undefined ? {} : { verdict }),
    ...(paths.length === 0 ? {} : { paths: JSON.stringify(paths) }),
  };
}
