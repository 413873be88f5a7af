import { describe, expect, it } from 'vitest';
import {
  ALL,
  AT,
  attempt,
  catalogue,
  change,
  codes,
  entry,
  explain,
  failed,
  GPT,
  PROVIDER_KEY,
  SECOND,
  without,
} from './testing/exampleExplanation.ts';

describe('the changes before', () => {
  it('are those of what it touched, newest first, with their age', () => {
    const said = explain({
      changes: [
        change(-3_600),
        change(-60, { resource: { kind: 'provider_key', id: 'pk-1', name: 'openai-prod' } }),
        change(-30, { resource: { kind: 'model', id: 'm-9', name: 'stranger' } }),
        change(-90_000),
        change(30),
      ],
    });
    expect(said.changes.map(({ role, ageMs }) => [role, Math.round(ageMs / SECOND)])).toEqual([
      ['provider key', 60],
      ['requested model', 3_600],
    ]);
    expect(said.changesSentence).toBe(
      'The provider key "openai-prod" was updated 60 s before it, and 1 more change in the 24 h before.',
    );
  });

  it('are said plainly to be none, and only where that is known', () => {
    const plain = 'Nothing that it touched changed in the 24 h before it.';
    expect(explain({}).changesSentence).toBe(plain);
    const since = (hours: number) => ALL.map((one) => ({ ...one, since: AT - hours * 3_600 * SECOND }));
    const known = (hours: number) =>
      explain({ catalogue: catalogue({ desired: since(hours), inForce: { 'dp-1': since(hours) } }) });
    expect(known(25).changesSentence).toBe(plain);
    expect(known(3).changesSentence).toMatch(
      /^No change .* no proof: changes are known since 2026-11-23T03:00:00.000Z only\.$/,
    );
    expect(codes(known(3).unknowns)).toEqual(['changes_known_since']);
    const part = catalogue({ desired: without(GPT), inForce: {}, complete: false });
    expect(explain({ catalogue: part }).changesSentence).toContain('known in part only');
    const silences = [{ feed: 'cache', from: AT - 600 * SECOND, to: AT - 300 * SECOND }];
    expect(explain({ silences }).changesSentence).toContain('a feed of changes was silent');
    expect(explain({ changesCut: true }).changesSentence).toContain('more than are looked at');
    // A silence of the day before yesterday says nothing.
    expect(explain({ silences: [{ feed: 'cache', from: 0, to: AT - 86_401 * SECOND }] }).changesSentence).toBe(plain);
  });

  it('know the provider key by the label in the event where nothing else leads to it', () => {
    const blind = catalogue({ desired: [], inForce: {}, complete: false });
    const broke = change(-60, { resource: { kind: 'provider_key', id: 'pk-1', name: 'openai-prod' }, effective: [] });
    const refused = failed({ outcome: 'provider_auth', status: 401 }, [
      attempt({ outcome: 'provider_auth', status: 401, providerKeyLabel: 'openai-prod' }),
    ]);
    const said = explain({ request: refused, catalogue: blind, changes: [broke] });
    expect(said.resources.at(-1)).toMatchObject({ role: 'provider key', name: 'openai-prod', certain: false });
    expect(said.changesSentence).toMatch(/^The provider key "openai-prod" was updated 60 s before it/);
    // One thing is one line, whatever of its id and name an event tells.
    expect(said.resources.map(({ role }) => role)).toEqual(['caller key', 'requested model', 'provider key']);
    const labelled = catalogue({ desired: [PROVIDER_KEY], inForce: {}, complete: false });
    const known = explain({
      request: failed({}, [attempt({ providerKeyLabel: 'openai' })]),
      catalogue: labelled,
      changes: [broke],
    });
    expect(known.changes[0]).toMatchObject({ role: 'provider key', certain: true });
  });

  it('are those that a data plane served before it, whatever the clock of the audit log says', () => {
    const ahead = change(120, { effective: [{ dataPlane: 'dp-1', at: AT - 30 * SECOND }] });
    const said = explain({ changes: [ahead, change(125, { effective: [] })] });
    expect(said.changes.map(({ change: { id }, ageMs, met }) => [id, ageMs, met])).toEqual([
      ['c120', 30_000, 'in_force'],
    ]);
    expect(said.unknowns).toMatchObject([
      { code: 'clocks_disagree', text: expect.stringContaining('dated 3 min after') },
    ]);
  });

  it('may have been made before it where a watcher was away and found them later', () => {
    const found = change(3_600, {
      effective: [{ dataPlane: 'dp-1', at: AT + 3_600 * SECOND }],
      observedBetween: [AT - 600 * SECOND, AT + 3_600 * SECOND],
      trust: 'observed',
    });
    const away = { feed: 'cache', dataPlane: 'dp-1', from: AT - 600 * SECOND, to: AT + 3_600 * SECOND };
    const said = explain({ changes: [found], silences: [away] });
    expect(said.changes).toMatchObject([{ role: 'requested model', met: 'unknown', ageMs: 0 }]);
    expect(said.changesSentence).toBe(
      'The model "gpt" was updated between 2026-11-23T05:50:00.000Z and 2026-11-23T07:00:00.000Z, before it or after.',
    );
    expect(explain({ changes: [{ ...found, observedBetween: [AT + 5 * SECOND, AT + 9 * SECOND] }] }).changes).toEqual(
      [],
    );
  });

  it('are none of another resource of the same name that stands beside it', () => {
    const twin = entry('api_key', 'ak-2', 'team-web', {});
    const all = [...ALL, twin];
    const both = catalogue({ desired: all, inForce: { 'dp-1': all } });
    const of = (id: string) => change(-60, { resource: { kind: 'api_key', id, name: 'team-web' } });
    expect(explain({ catalogue: both, changes: [of('ak-2')] }).changes).toEqual([]);
    expect(explain({ catalogue: both, changes: [of('ak-1')] }).changes).toHaveLength(1);
    // Of one that is gone the name is all that is left.
    expect(explain({ changes: [of('ak-0')] }).changes).toHaveLength(1);
  });

  it('may be missing where a feed was silent, and their authors where nobody told', () => {
    const said = explain({
      changes: [change(-60, { actor: undefined } as never)],
      silences: [
        { feed: 'cache', from: AT - 600 * SECOND, to: AT - 300 * SECOND },
        { feed: 'later', from: AT + 5 },
      ],
      changesCut: true,
    });
    expect(codes(said.unknowns)).toEqual(['feed_silent', 'changes_cut', 'actor_unknown']);
    expect(said.unknowns[0]).toMatchObject({ from: AT - 600 * SECOND, to: AT - 300 * SECOND });
  });
});
