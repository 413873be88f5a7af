import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareEvidence } from './evidence.ts';
import type { RequestRow } from './model.ts';
import { rankSuspects } from './rankSuspects.ts';
import {
  after,
  broken,
  change,
  DOWN,
  END,
  evidenceOf,
  FORBIDDEN,
  healthy,
  KEY_WEB,
  LIMITED,
  MINUTE,
  MODEL_ONE,
  OK,
  PROVIDER_A,
  REFUSED_KEY,
  row,
  SECRET,
  T0,
  traffic,
} from './testing/exampleWindow.ts';
import { createWindow } from './window.ts';

const isA = (model: string | undefined) => model === 'one' || model === 'two';
const secret = change('secret', PROVIDER_A, SECRET);
const label = change('label', PROVIDER_A, [['/telemetry_tags/pk_label', 'a', 'b']], { at: -5_000 });
const allowed = change('allowed', KEY_WEB, [['/allowed_models', ['*'], ['one']]], { at: 20_000 });

describe('an incident', () => {
  it('is found, ends, and names the change that began it', () => {
    const rows = broken((one) =>
      after(one) && !after(one, 10 * MINUTE) && isA(one.requestedModel) ? REFUSED_KEY : undefined,
    );
    const [incident, ...more] = rankSuspects(evidenceOf(rows, [label, secret]), {}, END);
    expect(more).toEqual([]);
    expect(Math.abs((incident?.start ?? 0) - T0)).toBeLessThanOrEqual(10_000);
    expect(Math.abs((incident?.end ?? 0) - (T0 + 10 * MINUTE))).toBeLessThanOrEqual(20_000);
    expect(incident?.candidates[0]).toMatchObject({ kind: 'change', id: 'secret', bystander: false });
    expect(incident?.symptoms[0]).toMatchObject({ label: 'upstream_status 401', models: ['one', 'two'] });
    for (const { parts, score } of incident?.candidates ?? []) {
      expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(score);
    }
    expect(incident?.candidates.reduce((sum, { relative }) => sum + relative, 0)).toBeCloseTo(1);
  });

  it('is left when whoever asked says so, between what is weighed and told', () => {
    const { input } = evidenceOf(
      broken((one) => (after(one) && isA(one.requestedModel) ? REFUSED_KEY : undefined)),
      [label, secret],
    );
    for (const steps of [0, 1, 2]) {
      let left = steps;
      const goOn = () => {
        if (left === 0) throw new Error('gone');
        left -= 1;
      };
      expect(() => rankSuspects(prepareEvidence({ ...input, goOn }), { start: T0 }, END)).toThrow('gone');
    }
  });

  it('of a provider without a change is the provider’s, and the change seconds before it a bystander', () => {
    const rows = broken((one) => (after(one) && isA(one.requestedModel) ? DOWN : undefined));
    const [incident] = rankSuspects(evidenceOf(rows, [label]), {}, END);
    expect(incident?.candidates[0]).toMatchObject({ kind: 'provider', name: 'a-main' });
    expect(incident?.candidates.find(({ id }) => id === 'label')).toMatchObject({ bystander: true });
  });

  it('of one caller without a change is the caller’s', () => {
    const rows = broken((one) => (after(one) && one.apiKeyName === 'batch' ? LIMITED : undefined));
    const [incident] = rankSuspects(evidenceOf(rows, [label]), {}, END);
    expect(incident?.candidates[0]).toMatchObject({ kind: 'caller', name: 'batch' });
  });

  it('of one caller that also sends more than before is the caller’s', () => {
    const more = { from: 0, to: 15 * MINUTE, every: 2_000 };
    const rows = [
      ...healthy().map((one) => {
        const at = one.startTime - T0;
        const isLimited = one.apiKeyName === 'batch' && (at / 4_000) % (at < 0 ? 20 : 2) === 0;
        return isLimited ? row(at, one.requestedModel ?? '', 'batch', LIMITED) : one;
      }),
      ...['one', 'two', 'three'].flatMap((model) =>
        traffic(model, 'batch', more, (index) => (index % 2 === 0 ? LIMITED : OK)),
      ),
    ];
    const [incident] = rankSuspects(evidenceOf(rows, [label]), {}, END);
    expect(incident?.candidates[0]).toMatchObject({ kind: 'caller', name: 'batch' });
  });

  it('is kept apart from another one at the same time', () => {
    const rows = broken((one) => {
      if (after(one) && one.requestedModel === 'three') return DOWN;
      return after(one, 20_000) && one.apiKeyName === 'web' && one.requestedModel === 'two' ? FORBIDDEN : undefined;
    });
    const incidents = rankSuspects(evidenceOf(rows, [allowed]), {}, END);
    const best = incidents.map(({ symptoms, candidates }) => [symptoms[0]?.label, candidates[0]?.kind]);
    expect(best).toEqual([
      ['upstream_status 502', 'provider'],
      ['permission_denied 403', 'change'],
    ]);
  });

  it('that a person names is found near that time, and with a filter only in its requests', () => {
    const rows = broken((one) => (after(one) && isA(one.requestedModel) ? REFUSED_KEY : undefined));
    const evidence = evidenceOf(rows, [secret]);
    expect(rankSuspects(evidence, { start: T0 + 40_000 }, T0 + 5 * MINUTE)[0]?.candidates[0]?.id).toBe('secret');
    expect(rankSuspects(evidence, { filter: { models: ['three'] } }, END)).toEqual([]);
  });

  it('that nobody can see lists what was changed before, and says so', () => {
    const [incident] = rankSuspects(evidenceOf(healthy(), [secret, label]), { start: T0 + 30_000 }, END);
    expect(incident?.symptoms).toEqual([]);
    expect(incident?.sentence).toContain('No failures stand out');
    expect(incident?.candidates.map(({ kind }) => kind)).toContain('no_change');
  });

  it('that a suspect explains comes before noise that began nearer to the named start', () => {
    const rows = broken((one) => {
      if (after(one) && isA(one.requestedModel)) return REFUSED_KEY;
      return after(one, MINUTE) && !after(one, 3 * MINUTE) && one.apiKeyName === 'batch' ? LIMITED : undefined;
    });
    const evidence = evidenceOf(rows, [secret]);
    const incidents = rankSuspects(evidence, { start: T0 + 70_000 }, T0 + 5 * MINUTE);
    expect(incidents.map(({ symptoms }) => symptoms[0]?.label)).toEqual([
      'upstream_status 401',
      'rate_limit_exceeded 429',
    ]);
  });

  it('that only a suspect near the named time tells of has an end when its failures stopped', () => {
    const until = (millis: number) =>
      broken((one) => (after(one) && !after(one, millis) && isA(one.requestedModel) ? REFUSED_KEY : undefined));
    const named = (rows: RequestRow[]) => rankSuspects(evidenceOf(rows, [secret]), { start: T0 + 4 * MINUTE }, END);
    const [over] = named(until(2 * MINUTE));
    expect(over?.candidates[0]?.id).toBe('secret');
    expect(over?.sentence).toMatch(/for 2 min\. Most likely: a change of provider key a-main\.$/);
    expect(Math.abs((over?.end ?? 0) - T0 - 2 * MINUTE)).toBeLessThan(15_000);
    expect(over?.symptoms[0]?.end).toBe(over?.end);
    expect(named(until(60 * MINUTE))[0]).not.toHaveProperty('end');
  });

  describe('beside changes that it does not name', () => {
    const network = change('network', MODEL_ONE, [['/allowed_cidrs', [], ['10.0.0.0/8']]], { at: 10_000 });
    const now = T0 + 140_000;
    const down = (one: RequestRow) => (after(one) && one.requestedModel === 'three' ? DOWN : undefined);
    /** Two requests, which no scan would call an incident. */
    const refused = ({ startTime, requestedModel, apiKeyName }: RequestRow) =>
      requestedModel === 'one' && apiKeyName === 'web' && [40, 80].includes((startTime - T0) / 1000)
        ? FORBIDDEN
        : undefined;

    it('lists them by what they did themselves', () => {
      const rows = broken((one) => down(one) ?? refused(one));
      const [incident, beside, ...more] = rankSuspects(evidenceOf(rows, [label, network]), { start: T0 }, now);
      expect(incident?.candidates[0]).toMatchObject({ kind: 'provider', name: 'b-main' });
      expect(beside).toMatchObject({ symptoms: [], bad: 0 });
      expect(beside?.sentence).toContain('Other changes near this time');
      expect(beside?.candidates.map(({ id }) => id)).toEqual(['network', 'no_change', 'label']);
      expect(more).toEqual([]);
    });

    it('names none of them where they did nothing', () => {
      const [, beside] = rankSuspects(evidenceOf(broken(down), [label, network]), { start: T0 }, now);
      expect(beside?.candidates[0]?.kind).toBe('no_change');
      const own = beside?.candidates.find(({ id }) => id === 'network');
      expect(own?.sentence).toBe('Model one: nothing that it can change surely got worse.');
    });

    it('takes its own failures for no evidence against a second one', () => {
      const again = change('again', PROVIDER_A, SECRET, { at: -4_000 });
      const rows = broken((one) => (after(one) && isA(one.requestedModel) ? REFUSED_KEY : undefined));
      const incidents = rankSuspects(evidenceOf(rows, [again, secret]), { start: T0 }, now);
      expect(incidents.map(({ candidates }) => candidates[0]?.id)).toEqual(['secret', 'no_change']);
    });
  });

  it('is none in quiet traffic', () => {
    expect(rankSuspects(evidenceOf(healthy(), [secret]), {}, END)).toEqual([]);
  });
});

it('a window is the same whatever order its rows come in', () => {
  const rows = traffic('one', 'web', { from: 0, to: 60_000, every: 700 }, (index) =>
    index % 3 === 0 ? DOWN : { status: 200 },
  );
  const built = (list: typeof rows) => {
    const window = createWindow({ environment: 'prod', from: T0, to: T0 + MINUTE });
    for (const one of list) window.add(one);
    const { length, startTime, result, message, results, messages } = window.build();
    return Array.from({ length }, (_, row) => [
      startTime[row],
      results[result[row] ?? 0],
      messages[message[row] ?? -1],
    ]);
  };
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
      expect(built(shuffled)).toEqual(built(rows));
    }),
    { numRuns: 20, seed: 5 },
  );
});
