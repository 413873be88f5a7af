import type { ChangeObservation, Observation } from '@aisix-observability/audit-bridge';
import { createRandom } from '../../gateway/index.ts';

/** Everything happens in the last day, so that a target that is new is shown all of it. */
const SPAN_MILLIS = 20 * 3_600_000;
const ENVIRONMENTS = ['prod', 'staging', 'dev'];
const KINDS = ['model', 'api_key', 'guardrail', 'provider_key'];
const ACTIONS = ['create', 'update', 'update', 'update', 'delete'] as const;
const BATCH = 25;

/**
 * So many changes, mostly several in a row by one person, each seen by a watcher, told by an audit event, or both; in
 * any order and some twice.
 */
export function observationBatches(
  changes: number,
  seed: number,
  now: number,
): { readonly batches: Observation[][]; readonly changes: number } {
  const random = createRandom(seed);
  const all: Observation[] = [];
  let made = 0;
  // Three in a row are the mean, so that some more or less come out of it.
  const rows = Math.ceil(changes / 3);
  for (let row = 0; row < rows; row += 1) {
    const environment = random.pick(ENVIRONMENTS);
    const actor = random.pick(['alice', 'bob', 'carol']);
    let at = now - SPAN_MILLIS + Math.floor((row * (SPAN_MILLIS - 3_600_000)) / rows);
    for (let left = random.int(1, 5); left > 0; left -= 1) {
      made += 1;
      at += random.int(0, 12_000);
      all.push(...seen(made, at));
    }

    function seen(revision: number, occurredAt: number): Observation[] {
      const kind = random.pick(KINDS);
      // Each change its own resource, so that how many changes there are is known beforehand.
      const resource = { kind, id: `${kind}-${revision}`, name: `${kind} number ${revision}` };
      const common = {
        type: 'change',
        environment,
        resource,
        action: random.pick(ACTIONS),
        foundLate: false,
        paths: [],
        result: 'success',
        revision,
      } as const;
      const audit: ChangeObservation = {
        ...common,
        observationId: `audit-${revision}`,
        feed: { type: 'webhook', name: 'cloud' },
        observedAt: occurredAt + 300,
        trust: 'signed',
        occurredAt,
        actor: { type: 'user', id: actor },
        source: 'dashboard',
        contentHash: `content-${revision}`,
      };
      const observed: ChangeObservation = {
        ...common,
        observationId: `seen-${revision}`,
        feed: { type: 'etcd', name: 'prefix' },
        observedAt: occurredAt + 900,
        trust: 'observed',
        seenBetween: [occurredAt - 100, occurredAt + 900],
        source: 'etcd',
      };
      return random.weighted<Observation[]>([
        [[audit, observed], 5],
        [[audit], 2],
        [[observed], 3],
      ]);
    }
  }
  const repeated = all.filter(() => random.chance(0.1));
  // By and large in the order of time, as feeds are, with neighbours mixed and stragglers of hours.
  const order = [...all, ...repeated].map((observation) => ({
    observation,
    at: observation.observedAt + random.skewed(5_000, 2.5),
  }));
  order.sort((a, b) => a.at - b.at);
  const batches: Observation[][] = [];
  for (let from = 0; from < order.length; from += BATCH) {
    batches.push(order.slice(from, from + BATCH).map(({ observation }) => observation));
  }
  return { batches, changes: made };
}
