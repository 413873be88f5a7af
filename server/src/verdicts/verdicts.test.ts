import type { ComputedVerdict } from '@aisix-observability/audit-bridge';
import {
  type ConfigChange,
  createWindow,
  fromRequest,
  type Impact,
  PRODUCT_PARAMETERS,
  packWindow,
} from '@aisix-observability/evidence';
import { exampleChange, exampleRequest } from '@aisix-observability/evidence/testing';
import { type Clock, silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SETTLE_MILLIS } from '../investigate/gather.ts';
import { startVerdicts } from './verdicts.ts';

const T = Date.parse('2026-11-23T06:00:00Z');
const MINUTE = 60_000;

const change = (id: string, at: number, given: Partial<ConfigChange> = {}): ConfigChange =>
  exampleChange({ id, occurredAt: at, observedAt: at, effective: [{ dataPlane: 'dp-1', at }], ...given });

/** Time stands still until it is told to go on. */
class Hand implements Clock {
  time = T;
  waits: { at: number; work: () => void }[] = [];
  now = () => this.time;
  breathe = async () => {};
  after(millis: number, work: () => void): () => void {
    const wait = { at: this.time + millis, work };
    this.waits.push(wait);
    return () => {
      this.waits = this.waits.filter((one) => one !== wait);
    };
  }
}

interface Ledger {
  readonly changes: ConfigChange[];
  readonly kept: [id: string, verdict: ComputedVerdict][];
}

/** A ledger of changes, and a judge who says what is told. */
function rig(
  ledger: Ledger,
  say: (id: string, environment: string) => Partial<Impact> | Error,
  clock = new Hand(),
  /** The newest request that is in the store. */
  newest = () => Number.POSITIVE_INFINITY,
  oneIn = 1,
  environments: readonly string[] = ['prod'],
) {
  let applied = (): void => {};
  const asked: { ids: readonly string[]; environment: string; from: number; to: number; now: number }[] = [];
  const verdicts = startVerdicts({
    store: {
      onApplied(listener) {
        applied = () => listener(1);
        return () => {};
      },
      async window({ environment, from, to }) {
        const window = createWindow({ environment, from, to });
        for (let at = from; at < Math.min(to, newest()); at += 10_000) {
          window.add(fromRequest(exampleRequest({ startTime: at })));
        }
        return { window: packWindow(window.build()), oneIn };
      },
    },
    changes: {
      async search({ from, to, limit, cursor = '0' }) {
        const found = ledger.changes.filter(({ occurredAt }) => occurredAt >= from && occurredAt < to);
        const end = Number(cursor) + limit;
        return { changes: found.slice(Number(cursor), end), ...(end < found.length && { nextCursor: String(end) }) };
      },
      gaps: async () => [],
      configVersions: async () => [],
      async setComputed(id, computed) {
        ledger.kept.push([id, computed]);
        const index = ledger.changes.findIndex((one) => one.id === id);
        const found = ledger.changes[index];
        if (found === undefined) return undefined;
        // The newest in time stays, as in the ledger.
        if ((found.verdict?.computed?.at ?? 0) > computed.at) return found;
        ledger.changes[index] = { ...found, verdict: { ...found.verdict, computed } };
        return ledger.changes[index];
      },
    },
    judge: {
      async weigh({ window, changes }, ids, now) {
        expect(ids.every((id) => changes.some((one) => one.id === id))).toBe(true);
        asked.push({ ids, environment: window.environment, from: window.from, to: window.to, now });
        return ids.map((changeId) => {
          const told = say(changeId, window.environment);
          if (told instanceof Error) throw told;
          return {
            changeId,
            verdict: 'undecided',
            reason: 'not_sure_enough',
            sentence: 'so far',
            settled: false,
            indicators: [],
            silent: [],
            ...told,
          };
        });
      },
    },
    environments,
    log: silentLog,
    recorder: silentRecorder,
    clock,
  });
  onTestFinished(() => verdicts.close());
  return { verdicts, asked, clock, applied: () => applied() };
}

const ledgerOf = (...changes: ConfigChange[]): Ledger => ({ changes, kept: [] });
const DUE = SETTLE_MILLIS + 1;

describe('timed looks', () => {
  it('are made once each, with one window for a burst, and kept when they say something new', async () => {
    const ledger = ledgerOf(change('a', T), change('b', T + 1_000));
    const { verdicts, asked, clock } = rig(ledger, () => ({}));
    await verdicts.look();
    expect(asked).toEqual([]);
    const [first, second] = PRODUCT_PARAMETERS.looks;
    clock.time = T + (first?.afterMillis ?? 0) + DUE + 1_000;
    await verdicts.look();
    await verdicts.look();
    expect(asked.map(({ ids }) => ids)).toEqual([['a', 'b']]);
    // Nothing that is not final yet is looked at.
    expect([asked[0]?.to, asked[0]?.now]).toEqual([clock.time - SETTLE_MILLIS, clock.time - SETTLE_MILLIS]);
    expect(ledger.kept.map(([id, { value, at }]) => [id, value, at])).toEqual([
      ['a', 'undecided', clock.time],
      ['b', 'undecided', clock.time],
    ]);
    clock.time = T + (second?.afterMillis ?? 0) + DUE + 1_000;
    await verdicts.look();
    expect(asked).toHaveLength(2);
    expect(ledger.kept).toHaveLength(2);
  });

  it('tell the newest look that found it, and end when it is settled', async () => {
    const ledger = ledgerOf(change('a', T));
    const look = { name: '+5m', afterMillis: 5 * MINUTE, probability: 0.998 };
    const { verdicts, asked, clock } = rig(ledger, () => ({
      verdict: 'suspect',
      reason: 'worse_than_expected',
      sentence: '3 of 412 before, 57 of 398 after',
      look,
      settled: true,
    }));
    clock.time = T + 30 * MINUTE;
    await verdicts.look();
    clock.time += 30 * MINUTE;
    await verdicts.look();
    expect(asked).toHaveLength(1);
    expect(ledger.kept).toEqual([
      [
        'a',
        {
          value: 'suspect',
          reason: 'worse_than_expected',
          look: '+5m',
          at: T + 30 * MINUTE,
          sentence: '3 of 412 before, 57 of 398 after',
          settled: true,
        },
      ],
    ]);
  });

  it('are made again when a data plane refutes what was found, and only then', async () => {
    const ledger = ledgerOf(change('a', T, { effective: [], state: 'unknown' }));
    const tell = (given: Partial<ConfigChange>) => {
      ledger.changes[0] = { ...(ledger.changes[0] as ConfigChange), ...given };
    };
    const { verdicts, asked, clock } = rig(ledger, () => {
      const { state } = ledger.changes[0] as ConfigChange;
      return state === 'rejected'
        ? { verdict: 'no_effect', reason: 'rejected_by_data_plane', settled: true }
        : { verdict: 'suspect', reason: 'worse_than_expected', settled: true };
    });
    const values = () => ledger.kept.map(([, { value }]) => value);
    clock.time = T + 30 * MINUTE;
    await verdicts.look();
    await verdicts.look();
    expect(values()).toEqual(['suspect']);
    // An agent that was away tells that the document was refused.
    tell({ state: 'rejected' });
    await verdicts.look();
    await verdicts.look();
    expect(values()).toEqual(['suspect', 'no_effect']);
    // Another data plane takes it after all.
    tell({ state: 'applied', effective: [{ dataPlane: 'dp-2', at: T }] });
    await verdicts.look();
    await verdicts.look();
    expect(values()).toEqual(['suspect', 'no_effect', 'suspect']);
    expect(asked).toHaveLength(3);
  });

  it('are made again when the clock was ahead: what was found then rests on requests that had not come', async () => {
    const ledger = ledgerOf(change('a', T));
    const clock = new Hand();
    clock.time = T + 65 * MINUTE;
    const { verdicts, asked } = rig(
      ledger,
      () =>
        clock.time > T + 60 * MINUTE
          ? { verdict: 'undecided', reason: 'few_requests_after', settled: true }
          : { verdict: 'suspect', reason: 'worse_than_expected', settled: true },
      clock,
    );
    await verdicts.look();
    await verdicts.look();
    expect(asked).toHaveLength(1);
    clock.time = T + 6 * MINUTE;
    await verdicts.look();
    expect(ledger.changes[0]?.verdict?.computed).toMatchObject({ value: 'suspect', settled: true });
    // Not over and over, nor one row after the other.
    await verdicts.look();
    expect(asked).toHaveLength(2);
    clock.time = T + 90 * MINUTE;
    await verdicts.look();
    expect(asked).toHaveLength(2);
    expect(ledger.kept.map(([, { value }]) => value)).toEqual(['undecided', 'suspect']);
  });

  it('reach every change of a busy day, and say of how many requests they speak', async () => {
    const ledger = ledgerOf(...Array.from({ length: 2_500 }, (_, index) => change(`c-${index}`, T + index * 100)));
    const clock = new Hand();
    clock.time = T + 60 * MINUTE;
    const everything = () => Number.POSITIVE_INFINITY;
    const { verdicts } = rig(ledger, () => ({ settled: true }), clock, everything, 3);
    await verdicts.look();
    expect(new Set(ledger.kept.map(([id]) => id)).size).toBe(2_500);
    // Some look is due every moment, and all changes are read before it.
    const young = ledgerOf(...Array.from({ length: 2_500 }, (_, index) => change(`y-${index}`, T + index * 10)));
    const { verdicts: busy, clock: soon } = rig(young, () => ({}));
    soon.time = T + DUE + (PRODUCT_PARAMETERS.looks[0]?.afterMillis ?? 0) + 5_000;
    await busy.look();
    expect(soon.waits.map(({ at }) => at)).toEqual([soon.time + 3_000]);
    expect(ledger.kept[0]?.[1].sentence).toBe('so far (One in 3 requests was looked at.)');
  });

  it('at a change of the whole organization are made in every environment, and the worst is told', async () => {
    const ledger = ledgerOf(change('a', T, { environment: null, resource: { kind: 'budget', id: 'b-1' } }));
    const clock = new Hand();
    clock.time = T + 30 * MINUTE;
    let isHarmed = false;
    const everything = () => Number.POSITIVE_INFINITY;
    const say = (_: string, environment: string): Partial<Impact> => {
      if (environment === 'test') return { reason: 'resource_untouched', settled: true };
      return isHarmed ? { verdict: 'suspect', reason: 'worse_than_expected', settled: true } : { settled: false };
    };
    const { verdicts, asked } = rig(ledger, say, clock, everything, 1, ['prod', 'test']);
    await verdicts.look();
    expect(asked.map(({ environment }) => environment)).toEqual(['prod', 'test']);
    expect(ledger.kept.map(([, { value, reason, settled }]) => [value, reason, settled])).toEqual([
      ['undecided', 'not_sure_enough', false],
    ]);
    isHarmed = true;
    clock.time += 30 * MINUTE;
    const again = rig(ledger, say, clock, everything, 1, ['prod', 'test']);
    await again.verdicts.look();
    expect(ledger.kept.at(-1)?.[1]).toMatchObject({ value: 'suspect', settled: true });
  });

  it('that failed are made again, and do not hold up others', async () => {
    const ledger = ledgerOf(change('a', T, { environment: 'prod' }), change('b', T + 200 * MINUTE));
    let broken = true;
    const { verdicts, asked, clock } = rig(ledger, (id) =>
      broken && id === 'a' ? new Error('no store') : { settled: true },
    );
    clock.time = T + 300 * MINUTE;
    await verdicts.look();
    expect(ledger.kept.map(([id]) => id)).toEqual(['b']);
    broken = false;
    await verdicts.look();
    expect(ledger.kept.map(([id]) => id)).toEqual(['b', 'a']);
    expect(asked.filter(({ ids }) => ids.includes('b'))).toHaveLength(1);
  });

  it('go on after a restart where they stopped', async () => {
    const ledger = ledgerOf(change('a', T), change('b', T));
    const clock = new Hand();
    clock.time = T + 7 * MINUTE;
    const first = rig(ledger, (id) => ({ settled: id === 'a' }), clock);
    await first.verdicts.look();
    await first.verdicts.close();
    expect(ledger.kept.map(([id]) => id)).toEqual(['a', 'b']);
    clock.time = T + 15 * MINUTE;
    const second = rig(ledger, () => ({ verdict: 'cleared', settled: true }), clock);
    await second.verdicts.look();
    expect(second.asked.map(({ ids }) => ids)).toEqual([['b']]);
    expect(ledger.kept.at(-1)?.[1].value).toBe('cleared');
  });

  it('wait after a start for requests that are still on their way, but not for ever', async () => {
    const ledger = ledgerOf(change('a', T));
    const clock = new Hand();
    clock.time = T + 12 * MINUTE;
    let newest = T - MINUTE;
    const { verdicts, asked, applied } = rig(
      ledger,
      () => ({}),
      clock,
      () => newest,
    );
    await verdicts.look();
    clock.time += 15_000;
    applied();
    clock.time += 15_000;
    await verdicts.look();
    expect(asked).toEqual([]);
    newest = clock.time;
    await verdicts.look();
    expect(asked).toHaveLength(1);
    // Later an empty end is what it looks like.
    newest = T - MINUTE;
    clock.time = T + 23 * MINUTE;
    applied();
    await verdicts.look();
    expect(asked).toHaveLength(2);
  });

  it('do not wait for what does not come', async () => {
    const clock = new Hand();
    clock.time = T + 12 * MINUTE;
    const { verdicts, asked } = rig(
      ledgerOf(change('a', T)),
      () => ({}),
      clock,
      () => T - MINUTE,
    );
    await verdicts.look();
    expect(asked).toEqual([]);
    clock.time += 21_000;
    await verdicts.look();
    expect(asked).toHaveLength(1);
  });

  it('wake up for the next look, and often enough to notice a new change', async () => {
    const ledger = ledgerOf(change('a', T));
    const { verdicts, clock } = rig(ledger, () => ({}));
    await verdicts.look();
    const [wait] = clock.waits;
    expect(wait?.at).toBe(T + 15_000);
    const [first] = PRODUCT_PARAMETERS.looks;
    clock.time = T + (first?.afterMillis ?? 0) + SETTLE_MILLIS - 4_000;
    await verdicts.look();
    expect(clock.waits.map(({ at }) => at)).toEqual([T + (first?.afterMillis ?? 0) + SETTLE_MILLIS]);
  });
});
