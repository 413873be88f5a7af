import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigChange } from '../model/change.ts';
import { PRODUCT_PARAMETERS } from './parameters.ts';
import {
  after,
  BLOCKED,
  broken,
  change,
  DOWN,
  END,
  ENTRIES,
  evidenceOf,
  FORBIDDEN,
  GUARDRAIL,
  healthy,
  KEY_BATCH,
  KEY_WEB,
  LIMITED,
  MINUTE,
  MODEL_ONE,
  PROVIDER_A,
  PROVIDER_B,
  REFUSED_KEY,
  row,
  SECRET,
  T0,
} from './testing/exampleWindow.ts';
import { weighChange } from './weighChange.ts';

const onProviderA = ({ requestedModel }: { readonly requestedModel?: string | undefined }) =>
  requestedModel === 'one' || requestedModel === 'two';
const secret = change('c', PROVIDER_A, SECRET);
const wrongSecret = () => broken((one) => (after(one) && onProviderA(one) ? REFUSED_KEY : undefined));

function verdict(rows: Parameters<typeof evidenceOf>[0], changes: readonly ConfigChange[], now = END) {
  const [first] = changes;
  if (first === undefined) throw new Error('no change to weigh');
  return weighChange(evidenceOf(rows, changes), first, now);
}

describe('a suspect', () => {
  it('is a secret after which the provider refuses the key, at the first look, with its counts', () => {
    const impact = verdict(wrongSecret(), [secret]);
    expect(impact).toMatchObject({ verdict: 'suspect', reason: 'worse_than_expected', settled: true });
    expect(impact.look?.name).toBe('+10s');
    // Two models of two callers, every four seconds: 4 × 300 in twenty minutes, 4 × 3 in the first ten seconds.
    expect(impact.indicators[0]).toMatchObject({
      label: 'upstream_status 401',
      before: { bad: 0, total: 1_200 },
      after: { bad: 12, total: 12 },
      newSignature: true,
      mechanism: 1,
    });
    expect(impact.sentence).toContain('0 of 1200 before, 12 of 12 after');
  });

  it('is nothing that was so before', () => {
    const always = broken((one) => (onProviderA(one) ? REFUSED_KEY : undefined));
    expect(verdict(always, [secret]).verdict).not.toBe('suspect');
  });

  it('is no change whose paths cannot do it, and that it moved with it is said', () => {
    const label = change('c', PROVIDER_A, [['/telemetry_tags/pk_label', 'a', 'b']]);
    const outage = broken((one) => (after(one) && onProviderA(one) ? DOWN : undefined));
    expect(verdict(outage, [label])).toMatchObject({ verdict: 'no_mechanism', reason: 'moved_without_mechanism' });
    expect(verdict(healthy(), [label])).toMatchObject({ verdict: 'no_mechanism', reason: 'paths_have_no_effect' });
  });

  it('is excused when siblings suffer alike', () => {
    const model = change('c', MODEL_ONE, [['/model_name', 'one', 'one-b']]);
    const outage = broken((one) => (after(one) && onProviderA(one) ? DOWN : undefined));
    expect(verdict(outage, [model]).verdict).not.toBe('suspect');
    const own = broken((one) => (after(one) && one.requestedModel === 'one' ? DOWN : undefined));
    expect(verdict(own, [model]).verdict).toBe('suspect');
  });

  it('has to come before the trouble: one three minutes late or early is not it', () => {
    const late = broken((one) => (after(one, 3 * MINUTE) && onProviderA(one) ? DOWN : undefined));
    const address = change('c', PROVIDER_A, [['/api_base', 'https://a.example', 'https://c.example']]);
    expect(verdict(late, [address])).toMatchObject({ verdict: 'undecided', reason: 'onset_misfit' });
    const early = broken((one) => (after(one, -3 * MINUTE) && onProviderA(one) ? DOWN : undefined));
    expect(verdict(early, [address]).verdict).not.toBe('suspect');
  });

  it('may be a limit that took a minute to be used up', () => {
    const limit = change('c', KEY_BATCH, [['/rate_limit/rpm', 1000, 20]]);
    const limited = broken((one) => (after(one, MINUTE) && one.apiKeyName === 'batch' ? LIMITED : undefined));
    expect(verdict(limited, [limit])).toMatchObject({ verdict: 'suspect' });
    expect(verdict(limited, [change('c', KEY_BATCH, [['/rate_limit/rpm', 20, 1000]])]).verdict).not.toBe('suspect');
  });

  it('may be traffic that stays away, when a caller key is deleted', () => {
    const deleted = change('c', KEY_BATCH, [], { action: 'delete' });
    const silent = healthy().filter((one) => !(after(one) && one.apiKeyName === 'batch'));
    expect(verdict(silent, [deleted])).toMatchObject({ verdict: 'suspect', reason: 'traffic_vanished' });
    expect(verdict(healthy(), [deleted]).verdict).not.toBe('suspect');
  });
});

describe('an outage of the provider', () => {
  const address = change('c', PROVIDER_A, [['/api_base', 'https://a.example', 'https://c.example:8443']]);
  /** Begins slowly, so that the moment is not sharp. */
  const creeping = (message: string) =>
    broken((one) => {
      const share = Math.min(0.5, (one.startTime - T0) / (10 * MINUTE));
      const index = (one.startTime / 4_000) % 100;
      return after(one) && onProviderA(one) && index / 100 < share ? { ...DOWN, message } : undefined;
    });

  it('cannot be told from a change of the same resource that could do it', () => {
    const impact = verdict(creeping('upstream returned HTTP 503'), [address]);
    expect(['provider_outage', 'undecided']).toContain(impact.verdict);
  });

  it('can, when messages quote the new address', () => {
    const sharp = broken((one) =>
      after(one) && onProviderA(one) ? { ...DOWN, message: 'cannot reach https://c.example:8443/v1' } : undefined,
    );
    const impact = verdict(sharp, [address]);
    expect(impact.verdict).toBe('suspect');
    expect(impact.indicators[0]?.echo).toContain('c.example:8443');
    // What it is stands in nobody's sentence: it goes where values do not.
    expect(impact.sentence).toMatch(/, and the error messages quote the new value\.$/);
  });
});

describe('no effect', () => {
  it.each([
    ['rejected_by_data_plane', { state: 'rejected', effective: [] }],
    ['superseded_before_in_force', { state: 'superseded' }],
    ['refused_by_control_plane', { result: 'failure' }],
  ] as const)('%s', (reason, more) => {
    const impact = verdict(wrongSecret(), [change('c', PROVIDER_A, SECRET, more)]);
    expect(impact).toMatchObject({ verdict: 'no_effect', reason, settled: true });
  });

  it('has what was in force all along', () => {
    const same = change('c', MODEL_ONE, [['/timeout', 42, 30_000]]);
    expect(verdict(healthy(), [same])).toMatchObject({ verdict: 'no_effect', reason: 'equals_value_in_force' });
  });
});

describe('a fix', () => {
  const breaking = change('a', PROVIDER_A, SECRET, { at: -10 * MINUTE });
  const fixing = change('b', PROVIDER_A, [['/secret', 'hmac:000000000002', 'hmac:000000000001']]);

  it('improves, and says what it restores', () => {
    const rows = broken((one) =>
      after(one, -10 * MINUTE) && !after(one) && onProviderA(one) ? REFUSED_KEY : undefined,
    );
    const wrong = ENTRIES.map((one) =>
      one.id === 'pk-a' ? { ...one, value: { ...one.value, secret: 'hmac:000000000002' } } : one,
    );
    const at = (time: number) => (time >= T0 - 10 * MINUTE && time < T0 ? wrong : ENTRIES);
    const impact = weighChange(evidenceOf(rows, [breaking, fixing], { at }), fixing, END);
    expect(impact).toMatchObject({ verdict: 'improves', reason: 'restores_earlier_value', restores: 'a' });
  });

  it('is not the one who happens to be there when an outage ends', () => {
    const rows = broken((one) => (after(one, -10 * MINUTE) && !after(one) && onProviderA(one) ? DOWN : undefined));
    expect(verdict(rows, [change('c', KEY_WEB, [['/user_name', 'x', 'y']])]).verdict).toBe('no_mechanism');
    expect(verdict(rows, [fixing]).verdict).not.toBe('improves');
  });
});

describe('cleared', () => {
  it('is a plausible change after which nothing moved, at the last look and not before', () => {
    expect(verdict(healthy(), [secret])).toMatchObject({ verdict: 'cleared', settled: true });
    expect(verdict(healthy(), [secret], T0 + 6 * MINUTE)).toMatchObject({
      verdict: 'undecided',
      reason: 'not_sure_enough',
      settled: false,
      nextLookAt: T0 + 10 * MINUTE,
    });
  });
});

describe('an honest undecided', () => {
  it('before the first look, and before it is in force', () => {
    expect(verdict(wrongSecret(), [secret], T0 + 9_000).reason).toBe('before_first_look');
    const told = change('c', PROVIDER_A, SECRET, { effective: [] });
    expect(verdict(healthy(), [told], T0 + 20_000).reason).toBe('not_in_force_yet');
  });

  it('without data before, with few requests, with no resource', () => {
    const rows = wrongSecret().filter((one) => after(one, -MINUTE));
    expect(weighChange(evidenceOf(rows, [secret], { from: -MINUTE }), secret, END).reason).toBe('no_data_before');
    expect(weighChange(evidenceOf(rows.slice(0, 5), [secret]), secret, END).reason).toBe('few_requests_before');
    expect(verdict(healthy(), [change('c', { kind: 'model' }, [])]).reason).toBe('no_resource');
  });

  it('with two changes of the same resource in the same second', () => {
    const twin = change('d', PROVIDER_A, [['/secret', 'hmac:000000000002', 'hmac:000000000003']], { at: 400 });
    const evidence = evidenceOf(wrongSecret(), [secret, twin]);
    expect(weighChange(evidence, secret, END)).toMatchObject({ verdict: 'undecided' });
    expect(weighChange(evidence, twin, END)).toMatchObject({ verdict: 'undecided', reason: 'same_moment_as_another' });
  });

  it('with 500 changes in one burst that could all have done it', () => {
    const burst = Array.from({ length: 500 }, (_, index) =>
      change(`c${index}`, { ...GUARDRAIL, id: `g${index}`, name: `g${index}` }, [['/patterns', 'a', 'b']], {
        at: index * 3 - 1_500,
      }),
    );
    const blocked = broken((one) => (after(one) ? BLOCKED : undefined));
    const evidence = evidenceOf(blocked, burst);
    for (const one of burst.filter((_, index) => index % 250 === 0)) {
      expect(weighChange(evidence, one, END)).toMatchObject({ verdict: 'undecided', reason: 'one_of_a_burst' });
    }
  });

  it('when clocks disagree, and when a feed was silent', () => {
    const odd = change('c', PROVIDER_A, SECRET, { occurredAt: T0 + 60_000 });
    expect(verdict(wrongSecret(), [odd]).reason).toBe('clocks_disagree');
    const silent = [{ feed: 'usage', of: 'requests', from: T0 - 15 * MINUTE, to: T0 }] as const;
    const impact = weighChange(evidenceOf(wrongSecret(), [secret], { silent }), secret, END);
    expect(impact).toMatchObject({ verdict: 'undecided', reason: 'feed_silent' });
    expect(impact.silent).toHaveLength(1);
  });
});

it('does not depend on the order of requests or changes', () => {
  const changes = [secret, change('d', KEY_WEB, [['/allowed_models', ['*'], ['one']]], { at: 5 * MINUTE })];
  const rows = broken((one) =>
    after(one) && onProviderA(one)
      ? REFUSED_KEY
      : after(one, 5 * MINUTE) && one.apiKeyName === 'web'
        ? FORBIDDEN
        : undefined,
  ).filter((_, index) => index % 5 === 0);
  const wanted = changes.map((one) => weighChange(evidenceOf(rows, changes), one, END));
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), fc.boolean(), (shuffled, reversed) => {
      const evidence = evidenceOf(shuffled, reversed ? changes.toReversed() : changes);
      expect(changes.map((one) => weighChange(evidence, one, END))).toEqual(wanted);
    }),
    { numRuns: 5, seed: 3 },
  );
});

it('never suspects where nothing happened: noise of 3 %, ten seeds, every sort of change', () => {
  const changes = [
    secret,
    change('d', PROVIDER_B, [['/api_base', 'https://b.example/v1', 'https://b2.example/v1']]),
    change('e', MODEL_ONE, [['/timeout', 60_000, 30_000]]),
    change('f', KEY_WEB, [['/allowed_models', ['*'], ['one']]]),
    change('g', GUARDRAIL, [['/patterns', 'a', 'b']]),
  ];
  for (let seed = 1; seed <= 10; seed++) {
    let state = seed;
    const noisy = healthy().flatMap((one, index) => {
      if (index % 2 !== seed % 2) return [];
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const draw = state / 2 ** 32;
      const end =
        draw < 0.01 ? DOWN : draw < 0.02 ? REFUSED_KEY : draw < 0.025 ? FORBIDDEN : draw < 0.03 ? BLOCKED : undefined;
      return [end === undefined ? one : row(one.startTime - T0, one.requestedModel ?? '', one.apiKeyName ?? '', end)];
    });
    const evidence = evidenceOf(noisy, changes, { parameters: PRODUCT_PARAMETERS });
    for (const one of changes) expect(weighChange(evidence, one, END).verdict).not.toBe('suspect');
  }
});

describe('a caller key that is deleted and created anew under the same name', () => {
  const deleted = change('a', KEY_BATCH, [], { action: 'delete', at: -10 * MINUTE });
  const created = change('b', { ...KEY_BATCH, id: 'id-batch-2' }, [], { action: 'create' });
  const rows = healthy().flatMap((one) => {
    if (one.apiKeyName !== 'batch') return [one];
    if (after(one)) return [{ ...one, apiKeyId: 'id-batch-2', apiKeyName: undefined }];
    return after(one, -10 * MINUTE) ? [] : [{ ...one, apiKeyName: undefined }];
  });
  const evidence = evidenceOf(rows, [deleted, created]);

  it('is one caller: its silence is the deletion’s, and its return the creation’s', () => {
    expect(weighChange(evidence, deleted, END)).toMatchObject({ verdict: 'suspect', reason: 'traffic_vanished' });
    expect(weighChange(evidence, created, END)).toMatchObject({ verdict: 'improves', restores: 'a' });
  });
});
