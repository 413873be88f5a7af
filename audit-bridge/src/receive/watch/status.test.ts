import { describe, expect, it } from 'vitest';
import type { StatusObservation } from '../../model/observation.ts';
import { createStatusWatcher, fileStatusMemory, type StatusWatcherOptions } from './status.ts';
import { recordedStatuses } from './testing/recordedCache.ts';
import { DATA_PLANE, ENVIRONMENT } from './testing/watchedStory.ts';
import { allText, watchRig } from './testing/watchRig.ts';

const URL = 'http://127.0.0.1:9090/status/config';

function statusRig(start?: number) {
  const rig = watchRig(start);
  let answer: () => Response | Promise<Response> = () => Response.json({ state: 'never_loaded' });
  const watcher = (options: Partial<StatusWatcherOptions> = {}) =>
    createStatusWatcher({
      ...rig.deps,
      name: 'dp-status',
      url: URL,
      environment: ENVIRONMENT,
      dataPlane: DATA_PLANE,
      memory: fileStatusMemory(rig.folder, 'dp-status'),
      fetch: async () => answer(),
      ...options,
    });
  return {
    ...rig,
    watcher,
    answers(next: () => Response | Promise<Response>) {
      answer = next;
    },
    statuses: () => rig.observations.filter((one): one is StatusObservation => one.type === 'status'),
  };
}

const short = ({ state, appliedRevision, applySeq, rejected }: StatusObservation) =>
  [state, appliedRevision, applySeq, rejected.length] as const;

describe('the answers of a real data plane', () => {
  const recorded = recordedStatuses('story');
  const start = recorded[0]?.at ?? 0;

  it.each([false, true])('are told when something moved; restarted every time: %s', async (restarts) => {
    const rig = statusRig(start);
    let watcher = rig.watcher();
    for (const { at, status, body } of recorded) {
      rig.set(at);
      rig.answers(() => Response.json(body, { status }));
      await watcher.look();
      if (restarts) {
        await watcher.close();
        watcher = rig.watcher();
      }
    }
    const statuses = rig.statuses();
    expect(rig.observations).toHaveLength(statuses.length);
    expect(statuses).toHaveLength(16);
    expect(statuses.slice(-3).map(short)).toEqual([
      ['synced', 2248, 14, 0],
      ['degraded', 2249, 14, 1],
      ['synced', 2250, 14, 0],
    ]);
    expect(statuses.at(-2)?.rejected).toEqual([
      {
        kind: 'model',
        id: '00b3764e-7df2-4802-9a1e-b3cac7a663bc',
        servingStaleSince: Date.parse('2026-11-23T06:41:10Z'),
      },
    ]);
    expect(statuses.at(-1)).toMatchObject({
      connected: true,
      appliedAt: Date.parse('2026-11-23T06:40:40Z'),
      observedAt: Date.parse('2026-11-23T06:41:51.131Z'),
    });
  });

  it('also show four changes between two looks', async () => {
    const rig = statusRig(recordedStatuses('story-2')[0]?.at);
    const watcher = rig.watcher();
    for (const { at, body } of recordedStatuses('story-2')) {
      rig.set(at);
      rig.answers(() => Response.json(body));
      await watcher.look();
    }
    const steps = rig.statuses().map(({ applySeq }) => applySeq ?? 0);
    expect(steps.some((seq, index) => seq - (steps[index - 1] ?? seq) === 4)).toBe(true);
  });
});

describe('a data plane', () => {
  const degraded = {
    state: 'degraded',
    source: { connected: true },
    applied: { applied_revision: 7, apply_seq: 3, applied_at: '2026-11-23T06:40:40Z' },
    rejected: [{ resource_kind: 'models', resource_id: 'm1', last_error: 'value "canary-secret" is not valid' }],
  };

  it('that does not answer is unreachable after a while, and what it refused stays refused', async () => {
    const rig = statusRig();
    rig.answers(() => Response.json(degraded));
    const watcher = rig.watcher();
    await watcher.look();
    const heardAt = rig.now();
    rig.answers(() => Promise.reject(new TypeError('fetch failed')));
    rig.pass(5_000);
    await watcher.look();
    expect(rig.observations).toHaveLength(1);
    expect(watcher.health().fault?.code).toBe('status_unreachable');
    rig.pass(6_000);
    await watcher.look();
    await watcher.look();
    expect(rig.observations.slice(1)).toMatchObject([
      { type: 'gap', from: heardAt, reason: 'status_unreachable' },
      { type: 'status', state: 'unreachable', appliedRevision: 7, rejected: [{ kind: 'model', id: 'm1' }] },
    ]);
    rig.answers(() => Response.json(degraded));
    rig.pass(1_000);
    await watcher.look();
    expect(rig.observations.slice(3)).toMatchObject([
      { type: 'gap', from: heardAt, to: rig.now() },
      { type: 'status', state: 'degraded' },
    ]);
    await watcher.close();
    expect(JSON.stringify(rig.observations) + allText(rig.folder)).not.toContain('canary');
  });

  it('that nobody asked for a while leaves a gap', async () => {
    const rig = statusRig();
    const first = rig.watcher();
    await first.look();
    await first.close();
    const closedAt = rig.now();
    rig.pass(3_600_000);
    await rig.watcher().look();
    expect(rig.observations.slice(1)).toMatchObject([
      { type: 'gap', from: closedAt, to: rig.now(), reason: 'not_running' },
    ]);
  });

  it('that never loaded anything has a state all the same', async () => {
    const rig = statusRig();
    await rig.watcher().look();
    expect(rig.statuses()).toMatchObject([{ state: 'never_loaded', rejected: [] }]);
  });

  it.each([
    ['status_unexpected', () => new Response('no', { status: 503 })],
    ['status_unexpected', () => new Response('', { status: 302, headers: { location: 'http://elsewhere' } })],
    ['status_invalid', () => new Response('<html>')],
    ['status_invalid', () => Response.json([])],
    ['status_invalid', () => Response.json({ ...degraded, applied: { apply_seq: 'three' } })],
    ['status_too_large', () => new Response('x'.repeat(2 * 1024 * 1024))],
  ])('that answers badly is a fault: %s', async (code, answer) => {
    const rig = statusRig();
    rig.answers(answer);
    const watcher = rig.watcher();
    await watcher.look();

    expect(watcher.health()).toMatchObject({ state: 'failing', fault: { code } });
    expect(rig.observations).toEqual([]);
  });
});
