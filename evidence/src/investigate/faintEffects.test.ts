import { describe, expect, it } from 'vitest';
import type { ConfigChange } from '../model/change.ts';
import type { RequestRow } from './model.ts';
import { onsetOf } from './onset.ts';
import { rankSuspects } from './rankSuspects.ts';
import {
  after,
  BLOCKED,
  broken,
  change,
  DOWN,
  END,
  ENTRIES,
  type Ending,
  entry,
  evidenceOf,
  FORBIDDEN,
  healthy,
  KEY_BATCH,
  LIMITED,
  MINUTE,
  MODEL_ONE,
  PROVIDER_A,
  REFUSED_KEY,
  row,
  SECRET,
  T0,
  traffic,
} from './testing/exampleWindow.ts';
import { weighChange } from './weighChange.ts';

/** Healthy traffic with little of model `one`: one request of each caller in `every` × 4 seconds; some end otherwise. */
function scarce(every: number, ending: (index: number, one: RequestRow) => Ending | undefined): RequestRow[] {
  const indexOf = ({ startTime }: RequestRow): number => Math.round((startTime - T0) / 4_000);
  return broken((one) => {
    const index = indexOf(one);
    return one.requestedModel === 'one' && index % every === 0 ? ending(index / every, one) : undefined;
  }).filter((one) => one.requestedModel !== 'one' || indexOf(one) % every === 0);
}

const weigh = (rows: readonly RequestRow[], changes: readonly ConfigChange[], now = END) =>
  weighChange(evidenceOf(rows, changes), changes[0] as ConfigChange, now);

describe('failures that nobody had before and nobody else has now', () => {
  const network = change('c', MODEL_ONE, [['/allowed_cidrs', [], ['10.0.0.0/8']]]);

  it('need fewer requests where only configuration brings them', () => {
    const rows = scarce(12, (index, one) => (index >= 0 && index % 7 === 0 && after(one) ? FORBIDDEN : undefined));
    expect(weigh(rows, [network])).toMatchObject({ verdict: 'suspect', reason: 'worse_than_expected' });
    // Somebody else has them, too.
    const shared = rows.map((one) =>
      one.requestedModel === 'two' && after(one) && one.startTime % 600_000 === 0
        ? row(one.startTime - T0, 'two', one.apiKeyName ?? '', FORBIDDEN)
        : one,
    );
    expect(weigh(shared, [network]).verdict).not.toBe('suspect');
  });

  it('count from half a point on', () => {
    const rows = scarce(4, (index, one) => (index >= 0 && index % 38 === 0 && after(one) ? FORBIDDEN : undefined));
    expect(weigh(rows, [network]).indicators[0]).toMatchObject({ after: { bad: 4, total: 150 } });
    expect(weigh(rows, [network]).verdict).toBe('suspect');
  });

  it('need no floor of requests', () => {
    const rows = scarce(100, (_, one) => (after(one) ? FORBIDDEN : undefined));
    expect(weigh(rows, [network]).groups).toMatchObject({ treatedBefore: 6, treatedAfter: 4 });
    expect(weigh(rows, [network])).toMatchObject({ verdict: 'suspect' });
  });
});

it('failures that quote the new value need less proof', () => {
  const timeout = change('c', MODEL_ONE, [['/timeout', 60_000, 110]]);
  const cut = (message: string): Ending => ({ status: 504, errorClass: 'timeout', message });
  const rows = (message: string) =>
    scarce(6, (index, one) => (index % 16 === 3 && after(one) ? cut(message) : undefined));
  expect(weigh(rows('upstream request timed out after 112ms'), [timeout]).verdict).toBe('suspect');
  expect(weigh(rows('upstream request timed out after 60001ms'), [timeout]).verdict).not.toBe('suspect');
});

describe('removed retries', () => {
  const retries = change('c', MODEL_ONE, [['/retries', 2, 0]]);
  /** A first try that fails, and a second one that does not. */
  const saved = (one: RequestRow): RequestRow => {
    const [attempt] = one.attempts;
    const failed = { ...attempt, status: 502, errorClass: 'upstream_status', outcome: 'provider_error' as const };
    return { ...one, attempts: attempt === undefined ? [] : [failed, attempt] };
  };
  /** Requests of model `one` in steps of 24 s, of which some fail, and others would without another try. */
  const rows = (isFailing: (step: number) => boolean, isSaved: (step: number) => boolean) => {
    const stepOf = ({ startTime }: RequestRow): number => Math.round((startTime - T0) / 24_000);
    return scarce(6, (_, one) => (isFailing(stepOf(one)) ? DOWN : undefined)).map((one) =>
      one.requestedModel === 'one' && one.status === 200 && isSaved(stepOf(one)) ? saved(one) : one,
    );
  };
  const every = (steps: number, place: number) => (step: number) => (step + 1_300) % steps === place;

  it('lay open what tries hid', () => {
    const meets = every(13, 3);
    const found = rows(
      (step) => step >= 0 && meets(step),
      (step) => step < 0 && meets(step),
    );
    expect(weigh(found, [retries])).toMatchObject({ verdict: 'suspect', reason: 'worse_than_expected' });
  });

  it('may do so minutes later, where an outage would not change what tries hide', () => {
    const found = rows(
      (step) => step >= 10 && every(2, 1)(step),
      (step) => step < 10 && every(2, 1)(step),
      // No other model on the same provider tells that it is up.
    ).filter(({ requestedModel }) => requestedModel !== 'two');
    expect(weigh(found, [retries])).toMatchObject({ verdict: 'suspect', reason: 'worse_than_expected' });
  });

  it('are not to blame for more failures of which tries hide as many', () => {
    const found = rows(
      (step) => (step < 0 ? every(39, 5)(step) : every(13, 5)(step)),
      (step) => every(13, 3)(step) || (step >= 0 && (every(13, 6)(step) || every(13, 9)(step))),
    );
    expect(weigh(found, [retries]).verdict).not.toBe('suspect');
  });
});

describe('when it began', () => {
  it('is not late where some failed in between already', () => {
    // Half are slow before; five of six since, but the first ten have six.
    const since = Float64Array.from({ length: 120 }, (_, index) => (index - 60) * 1_000 + 500);
    const bad = Uint8Array.from(since, (at, index) => {
      if (at < 0) return index % 2;
      return at < 10_000 ? (index % 5 < 3 ? 1 : 0) : index % 6 === 0 ? 0 : 1;
    });
    expect(onsetOf({ since, bad }, 1, 2_000).late).toBeLessThan(6.9);
  });

  it('may be late in the sixth minute of a limit that is delayed', () => {
    const limit = change('c', KEY_BATCH, [['/rate_limit/rpm', 1000, 20]]);
    const rows = broken((one) => (after(one, 5.7 * MINUTE) && one.apiKeyName === 'batch' ? LIMITED : undefined));
    expect(weigh(rows, [limit]).verdict).toBe('suspect');
  });

  it('may be late where a model is gone that one caller asked for', () => {
    const missing: Ending = { status: 404, errorClass: 'model_not_found', refused: true };
    const rows = broken((one) => (after(one, 2 * MINUTE) && one.requestedModel === 'one' ? missing : undefined)).filter(
      (one) => one.requestedModel !== 'one' || one.apiKeyName === 'web',
    );
    expect(weigh(rows, [change('c', MODEL_ONE, [], { action: 'delete' })]).verdict).toBe('suspect');
    expect(weigh(rows, [change('c', MODEL_ONE, [['/enabled', true, 1]])]).verdict).not.toBe('suspect');
  });
});

it('what came minutes later is a rival by what was asked for since it came', () => {
  const name = change('c', MODEL_ONE, [['/model_name', 'one', 'one-b']]);
  const secret = change('d', PROVIDER_A, SECRET, { at: 2.5 * MINUTE });
  const rows = broken((one) => {
    const isRefused = after(one, 2.5 * MINUTE) && (one.startTime / 4_000) % 2 === 0;
    return isRefused && one.requestedModel === 'one' ? REFUSED_KEY : undefined;
  });
  expect(weigh(rows, [name, secret], T0 + 6 * MINUTE).verdict).not.toBe('suspect');
});

describe('a cache that is switched off', () => {
  const policy = entry('cache_policy', 'cache-one', 'cache-one', { enabled: true, applies_to: 'model:one' });
  const off = change('c', { kind: 'cache_policy', id: 'cache-one', name: 'cache-one' }, [['/enabled', true, false]]);
  const cached = (isHit: (one: RequestRow) => boolean) =>
    healthy().map((one) =>
      one.requestedModel === 'one' && isHit(one) ? { ...one, cacheHit: true, attempts: [] } : one,
    );
  const fifth = ({ startTime }: RequestRow): boolean => Math.round((startTime - T0) / 4_000) % 5 === 0;
  const weighCache = (rows: readonly RequestRow[]) =>
    weighChange(evidenceOf(rows, [off], { entries: [...ENTRIES, policy] }), off, END);

  it('is seen by what it no longer answers', () => {
    const impact = weighCache(cached((one) => fifth(one) && !after(one)));
    expect(impact).toMatchObject({ verdict: 'suspect', reason: 'slower_than_expected' });
    expect(impact.sentence).toContain('not answered by the cache: 480 of 600 before, 150 of 150 after');
  });

  it('is no harm where it answers as much as before, or never did', () => {
    expect(weighCache(cached(fifth)).verdict).toBe('undecided');
    expect(weighCache(cached(() => false)).verdict).toBe('cleared');
  });
});

it('tries that failed as more requests ended are no second witness', () => {
  const name = change('c', MODEL_ONE, [['/model_name', 'one', 'one-b']]);
  const limited: Ending = { status: 429, errorClass: 'upstream_status', message: 'Too many requests' };
  const saved = (one: RequestRow): RequestRow => {
    const [attempt] = one.attempts;
    const failed = { ...attempt, status: 429, errorClass: 'upstream_status', outcome: 'provider_error' as const };
    return { ...one, attempts: attempt === undefined ? [] : [failed, attempt] };
  };
  const stepOf = ({ startTime }: RequestRow): number => Math.round((startTime - T0) / 4_000);
  const rows = broken((one) =>
    after(one, MINUTE) && one.requestedModel === 'one' && stepOf(one) % 2 === 0 ? limited : undefined,
  ).map((one) =>
    after(one) && one.requestedModel === 'one' && one.status === 200 && stepOf(one) % 16 === 1 ? saved(one) : one,
  );
  const impact = weigh(rows, [name]);
  expect(impact.indicators.some(({ kind }) => kind === 'attempt')).toBe(true);
  expect(impact).toMatchObject({ verdict: 'undecided', reason: 'onset_misfit' });
});

describe('what puts back the value before a suspect', () => {
  it('is not blamed for the models that come back with it', () => {
    const at = -15 * MINUTE;
    const wrong = change('wrong', PROVIDER_A, [['/api_base', 'https://a.example', 'https://c.example']], { at });
    const right = change('c', PROVIDER_A, [['/api_base', 'https://c.example', 'https://a.example']]);
    const group = entry('model', 'id-smart', 'smart', { routing: { targets: [{ model: 'one' }, { model: 'three' }] } });
    // The group goes from `one`, which takes four times as long, to `three` and back.
    const asked = traffic('smart', 'web', { from: -39 * MINUTE, to: 25 * MINUTE, every: 2_000 }).map(
      (one): RequestRow => {
        const isBroken = after(one, at) && !after(one);
        const answer = { ...one.attempts[0], model: isBroken ? 'three' : 'one', outcome: 'success' as const };
        const failed = { model: 'one', status: 502, errorClass: 'transport', outcome: 'provider_error' as const };
        const attempts = isBroken ? [failed, answer] : [answer];
        return { ...one, servedModel: answer.model, attempts, durationMs: isBroken ? 50 : 200 };
      },
    );
    const rows = [...healthy().filter(({ requestedModel }) => requestedModel === 'three'), ...asked];
    const evidence = evidenceOf(rows, [wrong, right], { entries: [...ENTRIES, group] });
    expect(weighChange(evidence, wrong, END).verdict).toBe('suspect');
    expect(weighChange(evidence, right, END)).toMatchObject({ verdict: 'improves', restores: 'wrong' });
  });

  it('brings back a caller that comes by fits and starts', () => {
    const at = -15 * MINUTE;
    const disabled = change('off', KEY_BATCH, [['/disabled', false, true]], { at });
    const enabled = change('c', KEY_BATCH, [['/disabled', true, false]]);
    const rows = healthy().filter((one) => {
      if (one.apiKeyName !== 'batch') return true;
      const isAtWork = (one.startTime - T0 + 40 * MINUTE) % (4 * MINUTE) < 24_000;
      return isAtWork && !(after(one, at) && !after(one));
    });
    const evidence = evidenceOf(rows, [disabled, enabled]);
    expect(weighChange(evidence, disabled, END)).toMatchObject({ verdict: 'suspect', reason: 'traffic_vanished' });
    expect(weighChange(evidence, enabled, END)).toMatchObject({ verdict: 'improves', restores: 'off' });
  });
});

it('what a change cannot move is told last, however much it moved', () => {
  const timeout = change('c', MODEL_ONE, [['/timeout', 60_000, 50_000]]);
  const rows = broken((one) => {
    const index = Math.round((one.startTime - T0) / 4_000);
    if (!after(one) || one.requestedModel !== 'one') return undefined;
    return index % 30 === 4 ? BLOCKED : index % 60 === 1 ? { status: 504, errorClass: 'timeout' } : undefined;
  });
  const { verdict, indicators } = weigh(rows, [timeout]);
  expect(verdict).not.toBe('suspect');
  const labels = indicators.map(({ label }) => label);
  expect(labels.indexOf('timeout 504')).toBeLessThan(labels.indexOf('content_filter 422'));
});

it('failures that a group hides are no change’s own where the models beside it have them, too', () => {
  const name = change('c', MODEL_ONE, [['/model_name', 'one', 'one-b']]);
  const group = entry('model', 'id-smart', 'smart', { routing: { targets: [{ model: 'one' }, { model: 'three' }] } });
  const refuse = (one: RequestRow, model: string): RequestRow => {
    const failed = { model, status: 429, errorClass: 'upstream_status', outcome: 'provider_error' as const };
    return { ...one, attempts: [failed, ...one.attempts] };
  };
  const asked = traffic('smart', 'web', { from: -39 * MINUTE, to: 25 * MINUTE, every: 4_000 }).map((one, index) => {
    const model = after(one) ? 'three' : 'one';
    const answered = { ...one, servedModel: model, attempts: [{ model, outcome: 'success' as const }] };
    return after(one) && index % 30 === 0 ? refuse(answered, 'one') : answered;
  });
  const rows = [
    ...healthy().map((one, index) =>
      after(one) && one.requestedModel === 'two' && index % 9 === 0 ? refuse(one, 'two') : one,
    ),
    ...asked,
  ];
  const evidence = evidenceOf(rows, [name], { entries: [...ENTRIES, group] });
  expect(weighChange(evidence, name, END).verdict).not.toBe('suspect');
});

describe('what a known suspect did too faintly for a scan', () => {
  const network = change('c', MODEL_ONE, [['/allowed_cidrs', [], ['10.0.0.0/8']]]);
  const rows = scarce(4, (index, one) => (index >= 0 && index % 38 === 0 && after(one) ? FORBIDDEN : undefined));
  const evidence = evidenceOf(rows, [network]);

  it('is an incident of its own where no start is given', () => {
    expect(rankSuspects(evidence, {}, END)).toEqual([]);
    const [incident, ...more] = rankSuspects(evidence, { suspects: ['c'] }, END);
    expect(more).toEqual([]);
    expect(incident).toMatchObject({ bad: 6 });
    expect(incident?.candidates[0]).toMatchObject({ id: 'c', bystander: false });
  });

  it('is not told twice, nor of what is no suspect, nor where the question is about some requests', () => {
    const clear = broken((one) => (after(one) && one.requestedModel === 'one' ? FORBIDDEN : undefined));
    expect(rankSuspects(evidenceOf(clear, [network]), { suspects: ['c'] }, END)).toHaveLength(1);
    expect(rankSuspects(evidenceOf(healthy(), [network]), { suspects: ['c'] }, END)).toEqual([]);
    expect(rankSuspects(evidence, { suspects: ['c'], filter: { models: ['one'] } }, END)).toEqual([]);
  });
});
