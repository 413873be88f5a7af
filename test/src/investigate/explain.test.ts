import {
  explainRequest,
  type GatewayRequest,
  OUTCOME_CLASSES,
  type RequestExplanation,
} from '@aisix-observability/evidence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMeta, type StoryName } from '../recordings/index.ts';
import { recordedRequests } from '../store/recordedStore.ts';
import { type StoryLedger, storyLedger } from './storyLedger.ts';

const FEEDS = [
  ['usage events', ['usage']],
  ['both feeds', ['usage', 'span']],
] as const;

describe.each(FEEDS)('every request of the suite, from %s,', (_, feeds) => {
  const explained = recordedRequests('suite', feeds).requests.map((request) => ({
    request,
    said: explainRequest({ request, changes: [] }),
  }));

  it('has a class, a sentence and evidence', () => {
    expect(explained.length).toBeGreaterThan(1_000);
    for (const { said } of explained) {
      expect(Object.keys(OUTCOME_CLASSES)).toContain(said.outcomeClass);
      expect(said.sentence).toMatch(/^[A-Z"].*\.$/);
      expect(said.evidence.length).toBeGreaterThan(0);
      expect(said.attempts.every(({ proves }) => proves.endsWith('.'))).toBe(true);
    }
    expect(explained.filter(({ said }) => said.outcomeClass === 'unknown')).toEqual([]);
  });

  it("is never the caller's fault when it is a 5xx or the error of an attempt", () => {
    const blamed = explained.filter(({ said }) => said.outcomeClass === 'caller');
    expect(blamed.length).toBeGreaterThan(10);
    expect(blamed.filter(({ request: { status = 0, attempts } }) => status >= 500 || attempts.length > 0)).toEqual([]);
  });

  it('is not a projection failure without a configuration to compare with', () => {
    expect(explained.filter(({ said }) => said.outcomeClass === 'projection_failure')).toEqual([]);
  });
});

interface StoryRig {
  readonly secondOf: (request: GatewayRequest) => number;
  /** A few of a kind, spread over the evening. */
  readonly some: (
    holds: (request: GatewayRequest) => boolean,
    most?: number,
  ) => readonly { readonly request: GatewayRequest; readonly said: RequestExplanation }[];
}

/** The first version of the configuration was seen some seconds after the first request. */
const FIRST_LOOK_SECONDS = 10;

function describeStory(name: StoryName, tests: (rig: StoryRig) => void): void {
  describe(`the requests of ${name}`, () => {
    const { start } = loadMeta(name);
    const { requests } = recordedRequests(name, ['usage']);
    let story: StoryLedger;
    beforeAll(async () => {
      story = await storyLedger(name);
    });
    afterAll(() => story.close());
    const secondOf = ({ startTime }: GatewayRequest) => (startTime - start) / 1_000;
    const some: StoryRig['some'] = (holds, most = 12) => {
      const found = requests.filter((request) => secondOf(request) > FIRST_LOOK_SECONDS && holds(request));
      const step = Math.max(1, Math.floor(found.length / most));
      const picked = found.filter((_, index) => index % step === 0);
      expect(picked.length).toBeGreaterThan(2);
      return picked.map((request) => {
        const catalogue = story.ledger.catalogueAt(request.environment, request.startTime);
        return { request, said: explainRequest({ request, catalogue, changes: story.changes }) };
      });
    };

    it('that a provider spoiled are not put on the projection, whatever was changed', () => {
      for (const { said } of some(({ outcome }) => outcome === 'provider_error', 30)) {
        expect(said.outcomeClass).toBe('provider');
        expect(said.attempts.every(({ providerKey }) => providerKey !== undefined)).toBe(true);
      }
    });

    it('name what they touched as it was, and the changes to it that came before', () => {
      for (const { request, said } of some(() => true, 30)) {
        expect(said.configuration).toMatchObject({ source: 'data_plane', complete: true });
        expect(said.resources.find(({ role }) => role === 'requested model')?.name).toBe(request.requestedModel);
        expect(said.resources.some(({ role }) => role === 'caller key')).toBe(true);
        expect(said.changes.every(({ change }) => change.occurredAt <= request.startTime + 500)).toBe(true);
      }
    });

    tests({ some, secondOf });
  });
}

describeStory('story', ({ some, secondOf }) => {
  it('whose provider refused the rotated secret name the key and its change', () => {
    for (const { request, said } of some(({ outcome }) => outcome === 'provider_auth')) {
      expect(said.outcomeClass).toBe('provider_refused_key');
      expect(said.sentence).toContain('"openai-prod"');
      if (secondOf(request) < 153) continue;
      expect(said.changes[0]).toMatchObject({ role: 'provider key', met: 'in_force' });
    }
  });

  it('for a model that was deleted are on the configuration, not on the caller', () => {
    for (const { said } of some(({ outcome }) => outcome === 'not_found')) {
      expect(said.outcomeClass).toBe('gateway_configuration');
    }
  });

  it('after a refused document are served by the last good one, which is said', () => {
    const during = (request: GatewayRequest) =>
      request.requestedModel === 'mistral-large' && secondOf(request) > 605 && secondOf(request) < 638;
    for (const { said } of some(during)) {
      expect(said.outcomeClass).toBe('served');
      expect(said.resources.find(({ role }) => role === 'requested model')).toMatchObject({
        standing: 'refused',
        revision: 2240,
        wanted: { revision: 2249 },
      });
      expect(said.changes[0]).toMatchObject({ met: 'refused', change: { revision: 2249 } });
    }
  });
});

describeStory('story-2', ({ some, secondOf }) => {
  it('that a key was not allowed to make name what was allowed to it', () => {
    for (const { said } of some((request) => request.outcome === 'forbidden' && secondOf(request) > 233)) {
      expect(said).toMatchObject({
        outcomeClass: 'policy',
        sentence: expect.stringContaining('"team-mobile" may not use'),
      });
      expect(said.changes[0]).toMatchObject({ role: 'caller key', met: 'in_force' });
    }
  });

  it('that waited too shortly name the limit in force', () => {
    for (const { said } of some((request) => request.outcome === 'provider_timeout' && secondOf(request) > 503)) {
      expect(said.evidence.find(({ code }) => code === 'timeout_in_force')?.text).toContain('110 ms');
    }
  });
});
