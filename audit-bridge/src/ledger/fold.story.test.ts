import type { ConfigChange } from '@aisix-observability/evidence';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../model/observation.ts';
import { type FoldInput, foldChanges } from './fold.ts';
import { expectedChanges, STORIES, signedEvents, statusReports, trueChanges, watched } from './testing/story.ts';

/** Of everything in one environment, resource by resource. */
function fold(observations: readonly Observation[]): ConfigChange[] {
  const statuses = observations.filter((observation) => observation.type === 'status');
  const told = observations.filter(({ type }) => type === 'change' || type === 'in_force');
  const byResource = Map.groupBy(told, (observation) =>
    'resource' in observation ? `${observation.resource.kind}/${observation.resource.id}` : '',
  );
  return [...byResource.values()]
    .flatMap((group) => {
      const input: FoldInput = {
        changes: group.filter((observation) => observation.type === 'change'),
        inForce: group.filter((observation) => observation.type === 'in_force'),
        statuses,
        verdicts: [],
      };
      return foldChanges(input).map(({ change }) => change);
    })
    .toSorted((a, b) => a.occurredAt - b.occurredAt);
}

const shape = ({ resource, action, paths }: ConfigChange) => ({
  kind: resource.kind,
  id: resource.id,
  name: resource.name,
  action,
  paths,
});

describe.each(STORIES)('%s', (story) => {
  const truth = trueChanges(story);

  test('the cache file alone gives every change once, with its time to a second', () => {
    const changes = fold(watched(story));
    expect(changes.map(shape)).toEqual(expectedChanges(story));
    for (const [index, change] of changes.entries()) {
      expect(Math.abs(change.occurredAt - Date.parse(truth[index]?.occurred_at ?? ''))).toBeLessThan(1000);
      expect(change).toMatchObject({ trust: 'observed', foundLate: false });
      expect(change.actor).toBeUndefined();
    }
  });

  test('with signed events beside it each is one change with actor and time in force', () => {
    const changes = fold([...signedEvents(story), ...watched(story)]);
    expect(changes.map(shape)).toEqual(expectedChanges(story));
    for (const [index, change] of changes.entries()) {
      const { occurred_at, revision, actor, effect, n } = truth[index] as (typeof truth)[number];
      expect(change).toMatchObject({
        occurredAt: Date.parse(occurred_at),
        revision,
        actor: { name: actor },
        trust: 'signed',
      });
      if (effect === 'rejected') {
        expect(change).toMatchObject({ state: 'rejected', effective: [] });
        continue;
      }
      expect([n, change.state, change.effective.length]).toEqual([n, 'applied', 1]);
      expect((change.effective[0]?.at ?? 0) - change.occurredAt).toBeGreaterThan(0);
      expect((change.effective[0]?.at ?? 0) - change.occurredAt).toBeLessThan(1000);
    }
  });

  test('without a cache file the times in force come from the status', () => {
    const changes = fold([...signedEvents(story), ...statusReports(story)]);
    expect(changes.map(shape)).toEqual(expectedChanges(story));
    for (const [index, change] of changes.entries()) {
      const rejected = truth[index]?.effect === 'rejected';
      expect([truth[index]?.n, change.state]).toEqual([truth[index]?.n, rejected ? 'rejected' : 'applied']);
      // It was asked every two seconds, and only tells when it applied the last one of several.
      if (!rejected) expect(Math.abs((change.effective[0]?.at ?? 0) - change.occurredAt)).toBeLessThan(2000);
    }
  });

  test('two data planes give one change with two times in force', () => {
    const changes = fold([...watched(story, 'dp-2', 3000), ...signedEvents(story), ...watched(story)]);
    expect(changes.map(shape)).toEqual(expectedChanges(story));
    for (const { state, effective } of changes) {
      expect(effective.map(({ dataPlane }) => dataPlane)).toEqual(state === 'rejected' ? [] : ['dp-1', 'dp-2']);
    }
  });

  test('any order and duplication of arrival gives the same changes', () => {
    const all = [...signedEvents(story), ...watched(story), ...watched(story, 'dp-2', 3000), ...statusReports(story)];
    const inOrder = fold(all);
    const twice = [...all, ...all];
    fc.assert(
      fc.property(fc.shuffledSubarray(twice, { minLength: twice.length }), (shuffled) => {
        expect(fold(shuffled)).toEqual(inOrder);
      }),
      { numRuns: 30 },
    );
  });
});

test('a rename is found under the new name', () => {
  const [rename] = fold([...signedEvents('story-2'), ...watched('story-2')]);
  expect(rename?.resource).toMatchObject({ kind: 'guardrail', name: 'no-secret-words', previousName: 'no-secrets' });
});
