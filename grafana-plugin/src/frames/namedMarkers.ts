import type { ConfigChange } from '../api/changes';
import { colourOfVerdict, verdictOf, verdictWords } from '../investigation/verdictWords';
import { actorOf, headOf, pathsText, placeOf } from './changes';
import { colourOfAction } from './colours';
import type { DrawnMarker } from './markers';
import { shortText } from './plainText';
import { kindWords } from './words';

/** Changes of a burst that are named in its marker; the rest is counted. */
const TOLD = 3;

/** Characters of one change among several. */
const ONE_OF_SEVERAL = 60;

/** Lane of a burst whose changes are of several kinds. */
const SEVERAL = 'Several kinds';

type EnvironmentName = (id: string) => string;

/** Markers with names, for audit readers: one for each change, and one from first to last for the changes of a burst. */
export function namedMarkers(changes: readonly ConfigChange[], environmentName: EnvironmentName): DrawnMarker[] {
  const bursts = Map.groupBy(changes, ({ id, burstId }) => burstId ?? id);
  return [...bursts.values()].map((burst) => {
    const [first] = burst;
    return burst.length === 1 && first !== undefined
      ? markerOfChange(first, environmentName)
      : markerOfBurst(burst, environmentName);
  });
}

function markerOfChange(change: ConfigChange, environmentName: EnvironmentName): DrawnMarker {
  const actor = actorOf(change);
  return {
    time: change.occurredAt,
    title: headOf(change),
    text: joined(
      foundOf([change]),
      actor === undefined ? '' : `by ${actor}`,
      placeOf(change, environmentName),
      pathsText(change),
    ),
    tags: [change.resource.kind, change.action],
    colour: colourOf([change], change.action),
    lane: kindWords(change.resource.kind),
    changeId: change.id,
    suspectId: change.id,
    environment: environmentOf([change], environmentName),
  };
}

function markerOfBurst(burst: readonly ConfigChange[], environmentName: EnvironmentName): DrawnMarker {
  const times = burst.map(({ occurredAt }) => occurredAt);
  const told = burst.slice(0, TOLD).map((change) => shortText(headOf(change), ONE_OF_SEVERAL));
  if (burst.length > TOLD) told.push(`${burst.length - TOLD} more`);
  const kinds = distinct(burst.map(({ resource }) => resource.kind));
  const actions = distinct(burst.map(({ action }) => action));
  const actors = distinct(burst.map(actorOf));
  const [kind = '', anotherKind] = kinds;
  const [action = '', anotherAction] = actions;
  return {
    time: Math.min(...times),
    timeEnd: Math.max(...times),
    title: `${burst.length} changes`,
    text: joined(
      foundOf(burst),
      actors.length === 0 ? '' : `by ${actors.join(', ')}`,
      distinct(burst.map((change) => placeOf(change, environmentName))).join(', '),
      told.join(', '),
    ),
    tags: [...kinds, ...actions],
    colour: colourOf(burst, anotherAction === undefined ? action : ''),
    lane: anotherKind === undefined ? kindWords(kind) : SEVERAL,
    changeId: burst[0]?.burstId,
    suspectId: loudestOf(burst)?.id,
    environment: environmentOf(burst, environmentName),
  };
}

/** Where all of them are found: changes of the whole organization are found in every environment. */
function environmentOf(changes: readonly ConfigChange[], environmentName: EnvironmentName): string | undefined {
  const [only, another] = distinct(changes.map(({ environment }) => environment ?? undefined));
  return only === undefined || another !== undefined ? undefined : environmentName(only);
}

/** What was found of a change goes before what was done; of several the one that is to be looked at first. */
function colourOf(changes: readonly ConfigChange[], action: string): string {
  const first = loudestOf(changes);
  return colourOfVerdict(first === undefined ? undefined : loudVerdict(first)) ?? colourOfAction(action);
}

const loudVerdict = (change: ConfigChange) => LOUDEST.find((verdict) => verdict === verdictOf(change));

/** The one that is to be looked at first; without anything found of any the first one. */
function loudestOf(changes: readonly ConfigChange[]): ConfigChange | undefined {
  const loud = LOUDEST.flatMap((verdict) => changes.find((change) => verdictOf(change) === verdict) ?? []);
  return loud[0] ?? changes[0];
}

/** What was found, where it is something to look at. */
function foundOf(changes: readonly ConfigChange[]): string {
  const verdicts = distinct(changes.map(loudVerdict));
  return verdicts.length === 0 ? '' : `found: ${verdicts.map(verdictWords).join(', ')}`;
}

/** Verdicts that colour a marker, the most pressing first. */
const LOUDEST = ['confirmed', 'suspect', 'provider_outage', 'improves'] as const;

const joined = (...parts: readonly string[]) => parts.filter((part) => part !== '').join(' · ');

const distinct = (values: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];
