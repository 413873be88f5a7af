import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';
import type { GatewayRequest } from '../../model/request.ts';
import { arbitraryRequest } from './arbitraryRequest.ts';
import { type Conformance, Rig } from './rig.ts';

/** Fixed, so that a failure is the same the next time; queries are drawn anew in every run. */
const SEED = 20_261_123;
const SAMPLE_SIZE = 400;

/** Requests with all that is hostile about them; some are versions of the same one. */
export const SAMPLE: readonly GatewayRequest[] = fc.sample(arbitraryRequest, { seed: SEED, numRuns: SAMPLE_SIZE });

/** Names of some keys and models; one is renamed, one is of an environment in which the key is not used. */
export const SAMPLE_NAMES = [
  { environment: 'prod', kind: 'api_key', id: 'key-1', name: 'old name' },
  { environment: 'prod', kind: 'api_key', id: 'key-1', name: 'team-web' },
  { environment: 'staging', kind: 'api_key', id: 'key-1', name: "o'hara's team" },
  { environment: 'prod', kind: 'api_key', id: 'key-2', name: 'team-batch %' },
  { environment: 'prod', kind: 'model', id: 'gpt-4o', name: 'the large one' },
  { environment: 'elsewhere', kind: 'api_key', id: 'key-3', name: 'not yours' },
] as const;

/** A store and its oracle that hold the sample, for tests that only ask. */
export function sampleRig(conformance: Conformance): () => Rig {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.open(conformance);
    await rig.apply(SAMPLE.slice(0, SAMPLE.length / 2), 100);
    for (const store of rig.both) await store.setNames(SAMPLE_NAMES);
    await rig.apply(SAMPLE.slice(SAMPLE.length / 2), 37);
  });
  afterAll(() => rig?.close());
  return () => rig;
}
