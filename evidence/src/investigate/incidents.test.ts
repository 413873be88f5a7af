import { describe, expect, it } from 'vitest';
import type { RequestRow } from './model.ts';
import { rankSuspects } from './rankSuspects.ts';
import {
  after,
  BLOCKED,
  broken,
  change,
  DOWN,
  END,
  evidenceOf,
  GUARDRAIL,
  MINUTE,
  MODEL_ONE,
  REFUSED_KEY,
  T0,
} from './testing/exampleWindow.ts';

const indexOf = ({ startTime }: RequestRow): number => Math.floor(startTime / 4_000);

describe('symptoms on the same requests within a minute and a half', () => {
  it('are two incidents where nothing brings both: an outage and a stricter guardrail', () => {
    const words = change('words', GUARDRAIL, [['/patterns', 'a', 'b']], { at: 90_000 });
    const rows = broken((one) => {
      if (after(one, 90_000) && !after(one, 150_000) && indexOf(one) % 3 === 0) return BLOCKED;
      const isDown = after(one) && !after(one, 5 * MINUTE) && one.requestedModel === 'three' && indexOf(one) % 2 === 0;
      return isDown ? DOWN : undefined;
    });
    const incidents = rankSuspects(evidenceOf(rows, [words]), {}, END);
    expect(
      incidents.map(({ symptoms, candidates }) => [symptoms.map(({ label }) => label), candidates[0]?.name]),
    ).toEqual([
      [['upstream_status 502'], 'b-main'],
      [['content_filter 422'], 'guardrail words'],
    ]);
  });

  it('are one where a change can do both', () => {
    const address = change('address', MODEL_ONE, [['/provider_key_id', 'pk-b', 'pk-a']]);
    const rows = broken((one) => {
      if (!after(one) || one.requestedModel !== 'one') return undefined;
      return indexOf(one) % 2 === 0 ? REFUSED_KEY : DOWN;
    });
    const [incident, ...more] = rankSuspects(evidenceOf(rows, [address]), {}, END);
    expect(more).toEqual([]);
    expect(incident?.symptoms.map(({ label }) => label).toSorted()).toEqual([
      'upstream_status 401',
      'upstream_status 502',
    ]);
    // Without it, a refused key and an outage have nothing to do with each other.
    expect(rankSuspects(evidenceOf(rows, []), {}, END)).toHaveLength(2);
  });
});

it('a change that came when the incident was over is no candidate of it', () => {
  const early = change('early', GUARDRAIL, [['/patterns', 'a', 'b']], { at: -60_000 });
  const late = change('late', GUARDRAIL, [['/patterns', 'b', 'c']], { at: 12 * MINUTE });
  const rows = broken((one) =>
    after(one) && !after(one, 5 * MINUTE) && one.requestedModel === 'three' ? DOWN : undefined,
  );
  const [incident] = rankSuspects(evidenceOf(rows, [early, late]), {}, END);
  expect(incident?.end).toBeLessThan(T0 + 6 * MINUTE);
  const changes = incident?.candidates.filter(({ kind }) => kind === 'change').map(({ id }) => id);
  expect(changes).toEqual(['early']);
});
