import { describe, expect, it } from 'vitest';
import { createAuditPoller } from './poll.ts';
import { POLL_PRESETS } from './pollSource.ts';
import type { PollState } from './pollState.ts';
import { createFeedBench } from './testing/feedBench.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;

interface LogOptions {
  /** Whether answers carry the time of the log's server. */
  readonly dated: boolean;
}

/** A log to which one row a minute is written, and a poller whose own clock may be off. */
function clockRig({ dated }: LogOptions = { dated: true }) {
  const bench = createFeedBench(NOW);
  const table: { readonly id: string; readonly event_time: number }[] = [];
  let time = NOW;
  let off = 0;
  let down = false;
  let saved: PollState | undefined;
  const log: typeof fetch = async (input) => {
    if (down) return new Response('', { status: 500 });
    const url = new URL(String(input));
    const from = Number(url.searchParams.get('start_at'));
    const found =
      Number(url.searchParams.get('page')) === 1 ? table.filter(({ event_time }) => event_time >= from) : [];
    const list = found.map((row) => ({ ...row, event_type: 'update_model', resource_id: 'm-1' }));
    return Response.json(
      { list, total: found.length },
      { headers: dated ? { date: new Date(time).toUTCString() } : {} },
    );
  };
  const start = () =>
    createAuditPoller({
      ...bench,
      now: () => time + off,
      name: 'api7',
      url: 'https://api7.example/api/audit_logs',
      source: POLL_PRESETS.api7_enterprise,
      intervalMillis: 15_000,
      environment: 'env-prod',
      state: {
        load: async () => saved,
        save: async (state) => {
          saved = state;
        },
      },
      fetch: log,
      random: () => 0.5,
    });
  return {
    bench,
    start,
    write: () => table.push({ id: `log-${table.length}`, event_time: Math.floor(time / 1000) }),
    pass(millis: number) {
      time += millis;
    },
    setOff(millis: number) {
      off = millis;
    },
    setDown(isDown: boolean) {
      down = isDown;
    },
    now: () => time,
    ids: () => bench.changes().map(({ observationId }) => observationId),
    gaps: () => [...bench.stored.values()].flatMap((one) => (one.type === 'gap' ? [one] : [])),
  };
}

const rows = (count: number) => Array.from({ length: count }, (_, n) => `audit:api7:log-${n}`);

describe('a log that is first read by a server whose clock is off', () => {
  it.each([
    [10 * MINUTE, 3, { dated: true }],
    [10 * MINUTE, 3, { dated: false }],
    // Corrected so late that the place up to which it was read is no longer in the future.
    [10 * MINUTE, 15, { dated: true }],
    [24 * 60 * MINUTE, 15, { dated: true }],
    [-9 * MINUTE, 3, { dated: true }],
    // Its rows are events from the future until then.
    [-30 * MINUTE, 3, { dated: true }],
  ])('by %i ms, corrected after %i minutes, with answers %j, loses no row', async (off, corrected, options) => {
    const rig = clockRig(options);
    rig.setOff(off);
    const poller = rig.start();
    for (let minute = 0; minute < 30; minute += 1) {
      if (minute === corrected) rig.setOff(0);
      await poller.pollOnce();
      rig.pass(MINUTE / 2);
      rig.write();
      rig.pass(MINUTE / 2);
    }
    await poller.pollOnce();
    expect(rig.ids()).toEqual(rows(30));
  });
});

describe('a clock that steps back', () => {
  it('while a log is read loses none of its rows', async () => {
    const rig = clockRig({ dated: false });
    const poller = rig.start();
    rig.setOff(20 * MINUTE);
    await poller.pollOnce();
    rig.setOff(0);
    rig.write();
    await poller.pollOnce();
    await poller.pollOnce();
    expect(rig.ids()).toEqual(rows(1));
  });

  it('to 1970, as of a machine that starts without a battery, does not read years of a log again', async () => {
    const rig = clockRig();
    rig.pass(MINUTE);
    rig.write();
    rig.pass(60 * MINUTE);
    const first = rig.start();
    for (const off of [-rig.now(), 0, -rig.now(), 0]) {
      rig.setOff(off);
      await first.pollOnce();
    }
    rig.setOff(-rig.now());
    const second = rig.start();
    await second.pollOnce();
    rig.setOff(0);
    rig.write();
    await second.pollOnce();
    expect(rig.ids()).toEqual(['audit:api7:log-1']);
  });

  it('does not hide that a log is silent', async () => {
    const rig = clockRig();
    const poller = rig.start();
    rig.setOff(10 * MINUTE);
    await poller.pollOnce();
    rig.setOff(0);
    rig.setDown(true);
    const silentFrom = rig.now();
    for (let second = 0; second <= 90; second += 15) {
      await poller.pollOnce();
      rig.pass(15_000);
    }
    expect(rig.gaps()).toMatchObject([{ from: silentFrom, reason: 'server_error' }]);
  });
});

describe('a gap of a log', () => {
  it('that began before a restart ends when the log is heard again', async () => {
    const rig = clockRig();
    await rig.start().pollOnce();
    const from = rig.now();
    rig.setDown(true);
    rig.pass(2 * MINUTE);
    const first = rig.start();
    await first.pollOnce();
    expect(rig.gaps()).toMatchObject([{ from }]);
    await first.close();
    const second = rig.start();
    rig.pass(MINUTE);
    await second.pollOnce();
    expect(second.health()).toMatchObject({ silentSince: from });
    expect(rig.gaps()).toHaveLength(1);
    await second.close();
    rig.setDown(false);
    await rig.start().pollOnce();
    expect(rig.gaps().slice(1)).toMatchObject([{ from, to: rig.now(), reason: 'server_error' }]);
    await rig.start().pollOnce();
    expect(rig.gaps()).toHaveLength(2);
  });

  it('ends also when the process was killed before its end was durable', async () => {
    const rig = clockRig();
    await rig.start().pollOnce();
    const from = rig.now();
    rig.setDown(true);
    rig.pass(2 * MINUTE);
    await rig.start().pollOnce();
    rig.setDown(false);
    rig.bench.failure = new Error('the ledger is away');
    await rig.start().pollOnce();
    rig.bench.failure = undefined;
    rig.pass(MINUTE);
    await rig.start().pollOnce();
    expect(rig.gaps().slice(1)).toMatchObject([{ from, to: rig.now() }]);
  });
});
