import { setTimeout as delay } from 'node:timers/promises';
import { eventTag } from '@aisix-observability/audit-bridge';
import { describe, expect, it, vi } from 'vitest';
import type { GrafanaFault, GrafanaRequest } from '../fakes/grafanaAnnotations.ts';
import { NOON } from './memorySource.ts';
import { annotationRig } from './rig.ts';

const isPost = ({ method, body }: GrafanaRequest) => method === 'POST' && !body.includes('Observability may');

/** The first request of a kind fails, the others do not. */
function once(wrong: GrafanaFault, matches = isPost) {
  let done = false;
  return (request: GrafanaRequest) => {
    if (done || !matches(request)) return undefined;
    done = true;
    return wrong;
  };
}

/** The search finds it: nothing is created a second time. */
const FOUND = { created: 0, adopted: 1, surplus_deleted: 0 };

describe('a marker', () => {
  it('is drawn with its time, neutral, and grows with its burst', async () => {
    await using rig = await annotationRig();
    const annotations = rig.start({ timelineUrl: 'https://grafana/t?m={marker}' });
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    const id = annotations.burstOf('a')?.id ?? '';
    expect(rig.drawn()).toMatchObject([
      {
        time: NOON,
        timeEnd: NOON,
        text: `Model updated (prod) <a href="https://grafana/t?m=${id}">Timeline</a>`,
        tags: ['aisix', eventTag(id), 'env_prod', 'action_update', 'kind_model'],
      },
    ]);
    rig.source.put({ id: 'b', occurredAt: NOON + 4_000, resource: { kind: 'guardrail', name: 'g' } });
    rig.source.put({ id: 'c', occurredAt: NOON - 4_000, action: 'delete' });
    await rig.settled();
    await vi.waitFor(() => expect(rig.drawn()[0]?.text).toMatch(/^3 changes \(prod\): guardrail, model/), {
      timeout: 30_000,
    });
    expect(rig.drawn()).toMatchObject([{ time: NOON - 4_000, timeEnd: NOON + 4_000 }]);
    // Moving a point by `time` alone would have made a region of something else.
    for (const { body } of rig.grafana.requests.filter(({ method }) => method === 'PATCH')) {
      expect(Object.keys(JSON.parse(body))).toEqual(['time', 'timeEnd', 'text', 'tags']);
    }
  });

  it('never tells who or what value, also to those who send it on', async () => {
    await using rig = await annotationRig();
    rig.start({ detail: 'named' });
    rig.source.put({ id: 'a' });
    await rig.settled();
    await vi.waitFor(() => expect(rig.drawn()[0]?.text).toBe('Model updated (prod): gpt-4o'), { timeout: 30_000 });
    expect(JSON.stringify([rig.grafana.requests, rig.log])).not.toMatch(/canary/i);
  });

  it('is not written again when nothing that it shows has changed', async () => {
    await using rig = await annotationRig();
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    rig.source.put({ id: 'a', resource: { kind: 'model', id: 'm1', name: 'another' } });
    await delay(50);
    await rig.settled();
    expect(
      rig.grafana.requests.filter(({ method, body }) => method === 'PATCH' && !body.includes('may write')),
    ).toEqual([]);
  });

  it.each<[string, GrafanaFault, object?]>([
    ['500 before it was stored', { kind: 'status', status: 500 }],
    ['500 after it was stored', { kind: 'status', status: 500, committed: true }, FOUND],
    ['503 with Retry-After', { kind: 'status', status: 503, retryAfter: '1' }],
    ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: '1' }],
    ['an answer that was lost', { kind: 'reset', committed: true }, FOUND],
    ['a connection that broke', { kind: 'reset' }],
    ['no answer', { kind: 'hang' }],
    ['no answer, and stored', { kind: 'hang', committed: true }, FOUND],
    [
      'no answer, and stored after it was given up and tried again',
      { kind: 'hang', commitAfterMillis: 1_200 },
      { created: 1, surplus_deleted: 1 },
    ],
    ['a page of a proxy', { kind: 'garbage' }],
    ['a page of a proxy, and stored', { kind: 'garbage', committed: true }, FOUND],
    ['an answer without end', { kind: 'endless' }],
  ])(
    'is there once and in its place after %s',
    async (_, wrong, counts = { created: 1, surplus_deleted: 0, adopted: 0 }) => {
      await using rig = await annotationRig({ fault: once(wrong) });
      rig.start({}, { recheckMillis: 2_000 });
      rig.source.put({ id: 'a' });
      await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
      await rig.settled();
      expect(rig.grafana.pending).toBe(0);
      expect(rig.drawn()).toMatchObject([{ time: NOON, timeEnd: NOON }]);
      expect(rig.health().counts).toMatchObject({ retried: 1, ...counts });
      expect(rig.health().lastError?.message).toMatch(/./);
    },
  );

  it('waits as long as it is asked to', async () => {
    await using rig = await annotationRig({ fault: once({ kind: 'status', status: 429, retryAfter: '2' }) });
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.health().state).toBe('retrying'), { timeout: 30_000 });
    const asked = rig.grafana.requests.length;
    await delay(1_500);
    expect(rig.grafana.requests).toHaveLength(asked);
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
  });

  it('that one Grafana refuses for good does not hold up the others', async () => {
    await using rig = await annotationRig({
      fault: ({ method, body }) =>
        method === 'POST' && body.includes('env_bad') ? { kind: 'status', status: 400 } : undefined,
    });
    rig.start();
    rig.source.put({ id: 'a', environment: 'bad' });
    rig.source.put({ id: 'b' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    await rig.settled();
    expect(rig.health()).toMatchObject({ counts: { refused: 1 }, lastError: { message: '400: fault on demand' } });
  });

  it.each([400, 407])('is not lost to a proxy that answers %i with a page', async (status) => {
    let left = 3;
    await using rig = await annotationRig({
      fault: ({ method, body }) => {
        if (method !== 'POST' || !body.includes('kind_') || left === 0) return undefined;
        left -= 1;
        return { kind: 'page', status };
      },
    });
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    expect([left, rig.health().counts.refused]).toEqual([0, 0]);
  });

  it('that always fails goes behind the others', async () => {
    await using rig = await annotationRig({
      fault: ({ method, body }) =>
        method === 'POST' && body.includes('env_bad') ? { kind: 'status', status: 500 } : undefined,
    });
    rig.start();
    rig.source.put({ id: 'a', environment: 'bad' });
    for (let index = 0; index < 10; index += 1) rig.source.put({ id: `b${index}`, environment: `env${index}` });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(10), { timeout: 30_000 });
    expect(rig.health().waiting).toBeGreaterThan(0);
  });

  it('has fewer tags where Grafana is configured to take fewer characters', async () => {
    await using rig = await annotationRig({ tagsLength: 70 });
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    expect(rig.drawn()[0]?.tags.slice(0, 2)).toEqual(['aisix', expect.stringMatching(/^evt_/)]);
    expect(rig.health().counts.refused).toBe(0);
  });

  it('is drawn again after somebody deleted it, as soon as there is news', async () => {
    await using rig = await annotationRig();
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    await rig.settled();
    (rig.grafana.annotations as Map<number, unknown>).clear();
    rig.source.put({ id: 'b', occurredAt: NOON + 1_000 });
    await vi.waitFor(() => expect(rig.drawn()).toMatchObject([{ timeEnd: NOON + 1_000 }]), { timeout: 30_000 });
  });

  it('leaves alone an annotation of somebody else that has its id by now', async () => {
    await using rig = await annotationRig();
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    await rig.settled();
    const [mine] = rig.drawn();
    const kept = rig.grafana.annotations as Map<number, object>;
    const theirs = { ...mine, text: 'theirs', tags: ['deploy'] };
    kept.set(mine?.id ?? 0, theirs);
    rig.source.put({ id: 'b', occurredAt: NOON + 1_000 });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    expect(kept.get(mine?.id ?? 0)).toEqual(theirs);
  });

  it('goes away with retention, and only ours does', async () => {
    await using rig = await annotationRig();
    const theirs = rig.grafana.seed({ time: NOON, text: 'a deployment', tags: ['deploy', 'aisix'] });
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(2), { timeout: 30_000 });
    await rig.settled();
    await rig.stop();
    rig.start({}, { retentionMillis: 1_000 });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    expect([...rig.grafana.annotations.keys()]).toEqual([theirs]);
  });

  it('is found again by its tag when all that was known of it is lost', async () => {
    await using rig = await annotationRig();
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), { timeout: 30_000 });
    await rig.settled();
    await rig.stop();
    // Another target to the book, the same Grafana.
    rig.start({ name: 'renamed' });
    await delay(100);
    await rig.settled();
    expect(rig.drawn()).toHaveLength(1);
    expect(rig.health().counts).toMatchObject({ adopted: 1, created: 0 });
  });
});
