import type { ChangeObservation, Observation } from '../../../model/observation.ts';
import { createKeyedHash } from '../../../redact/keyedHash.ts';
import { createRedactor } from '../../../redact/redactor.ts';
import { recordedChanges, type Story } from '../../../redact/testing/recordedDocuments.ts';

export const redactor = createRedactor({ hash: createKeyedHash('key of these tests') });

export const ENVIRONMENT = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
export const DATA_PLANE = '7d1f3c7e-1f0e-4f55-8a6f-2f6a1c9d4e21';

/** What people did after the set-up, in the words of what a watcher sees of it. */
export function expectedChanges(story: Story) {
  return recordedChanges(story)
    .filter(({ effect }) => effect !== 'setup')
    .map(({ action, resource, before, after, revision }) => ({
      action,
      kind: resource.type,
      id: resource.id,
      name: nameIn(after) ?? nameIn(before),
      revision: action === 'delete' ? undefined : revision,
      paths: redactor.changedPaths(resource.type, before, after),
    }));
}

export function changeTimes(story: Story): number[] {
  return recordedChanges(story)
    .filter(({ effect }) => effect !== 'setup')
    .map(({ occurred_at }) => Date.parse(occurred_at));
}

export function changesOf(observations: readonly Observation[]): ChangeObservation[] {
  return observations.filter((one) => one.type === 'change');
}

export function summary({ action, resource, revision, paths }: ChangeObservation) {
  return { action, kind: resource.kind, id: resource.id, name: resource.name, revision, paths };
}

function nameIn(document: Readonly<Record<string, unknown>> | undefined): unknown {
  return document?.display_name ?? document?.name;
}
