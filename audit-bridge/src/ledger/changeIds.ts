import { remembering, valueHash } from '../model/canonicalJson.ts';
import type { ChangeObservation } from '../model/observation.ts';
import { compareText } from './observed.ts';
import type { Paired } from './pair.ts';

export interface ChangeIds {
  readonly id: string;
  /** Every id that the change may have had when less was known of it. */
  readonly aliases: readonly string[];
}

const revisionIds = remembering(({ environment, resource, revision, result }: ChangeObservation) => {
  // An event that failed may carry the revision that it found.
  if (revision === undefined || result === 'failure') return [];
  const named = resource.id === undefined;
  return [
    {
      named,
      id: valueHash(['revision', environment, resource.kind, resource.id ?? resource.name ?? null, revision, named]),
    },
  ];
});

const observationIdHash = remembering(({ observationId }: ChangeObservation) =>
  valueHash(['observation', observationId]),
);

/**
 * The id of a change, 32 hexadecimal digits: of its revision where one is known, else of its audit event, else of the
 * observation. What comes in later may make it better, so that the ids of all its parts stay aliases.
 */
export function changeIds({ audits, observed }: Paired): ChangeIds {
  const members = [...audits, ...observed];
  const byRevision = members.flatMap(revisionIds);
  const byEvent = audits.map(observationIdHash).toSorted(compareText);
  const byObservation = observed.map(observationIdHash).toSorted(compareText);
  // An id of the resource says more than its name, which may come again.
  const [id, ...aliases] = new Set([
    ...byRevision.filter(({ named }) => !named).map(({ id }) => id),
    ...byRevision.map(({ id }) => id).toSorted(compareText),
    ...byEvent,
    ...byObservation,
  ]);
  return { id: id as string, aliases };
}
