import { AnnotationOptionsError } from '@aisix-observability/audit-bridge';
import { describe, expect, it, vi } from 'vitest';
import { NOON } from './memorySource.ts';
import { annotationRig } from './rig.ts';

const WAIT = { timeout: 30_000 };

describe('a target', () => {
  it('is probed first, and nothing stays of the probe', async () => {
    await using rig = await annotationRig();
    rig.start();
    await rig.settled();
    expect(rig.grafana.annotations.size).toBe(0);
    expect(rig.grafana.requests.map(({ method }) => method)).toEqual([
      'GET',
      'GET',
      'POST',
      'GET',
      'PATCH',
      'GET',
      'DELETE',
    ]);
  });

  it('gets rid of what a probe left that was stored after it was given up', async () => {
    let late = true;
    await using rig = await annotationRig({
      fault({ method }) {
        if (method !== 'POST' || !late) return undefined;
        late = false;
        return { kind: 'hang', commitAfterMillis: 3_000 };
      },
    });
    rig.start({}, { recheckMillis: 4_000 });
    await vi.waitFor(() => expect(rig.health().state).toBe('ok'), WAIT);
    await vi.waitFor(() => expect(rig.grafana.pending).toBe(0), WAIT);
    expect(rig.grafana.annotations.size).toBe(1);
    await vi.waitFor(() => expect(rig.grafana.annotations.size).toBe(0), WAIT);
  });

  it('that keeps whole seconds is blocked, and says what it did with the time', async () => {
    await using rig = await annotationRig({ wholeSeconds: true });
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.health().state).toBe('blocked'), WAIT);
    expect(rig.health().lastError?.message).toBe(
      'an annotation at 1000000000123 to 1000000000123 was stored at 1000000000000 to 1000000000000',
    );
    expect(rig.grafana.annotations.size).toBe(0);
  });

  it('of another organization is blocked before anything is written', async () => {
    await using rig = await annotationRig({ orgId: 2 });
    rig.start();
    await vi.waitFor(() => expect(rig.health().state).toBe('blocked'), WAIT);
    expect(rig.health().lastError?.message).toBe('the token belongs to organization 2, expected 1');
    expect(rig.grafana.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    ['annotations:create', 'POST'],
    ['annotations:write', 'PATCH'],
    ['annotations:delete', 'DELETE'],
    ['annotations:read', 'GET'],
  ])('that lacks %s names it, and nothing is lost', async (missing) => {
    const all = ['create', 'write', 'delete', 'read'].map((action) => `annotations:${action}`);
    await using rig = await annotationRig({ permissions: all.filter((one) => one !== missing) });
    rig.start();
    rig.source.put({ id: 'a' });
    await vi.waitFor(() => expect(rig.health().state).toBe('blocked'), WAIT);
    expect(rig.health().lastError).toMatchObject({
      message: expect.stringContaining(`403: the token lacks ${missing} on annotations:type:organization`),
      hint: expect.stringContaining('fixed:annotations:writer'),
    });
    expect(rig.log.filter(({ level }) => level === 'error')).toHaveLength(1);
    // A new start stands for the next probe, which is half a minute away.
    await rig.stop();
    rig.grafana.permit(all);
    rig.start();
    await vi.waitFor(() => expect(rig.drawn()).toHaveLength(1), WAIT);
    await rig.settled();
    expect(rig.grafana.annotations.size).toBe(1);
  });

  it('that does not take the token says so, without the token', async () => {
    await using rig = await annotationRig();
    rig.start({ token: 'glsa_canary_of_another' });
    await vi.waitFor(() => expect(rig.health().state).toBe('blocked'), WAIT);
    expect(rig.health().lastError?.message).toMatch(/^401: the token was not accepted/);
    expect(JSON.stringify([rig.health(), rig.log])).not.toContain('canary');
  });

  it('that redirects gets no second request, and where it leads gets no token', async () => {
    await using elsewhere = await annotationRig();
    await using rig = await annotationRig({
      fault: () => ({ kind: 'redirect', location: `${elsewhere.grafana.url}/api/org` }),
    });
    rig.start();
    await vi.waitFor(() => expect(rig.health().state).toBe('blocked'), WAIT);
    expect(rig.health().lastError?.message).toMatch(/^302: redirects are not followed/);
    expect(elsewhere.grafana.requests).toEqual([]);
  });

  it('that is no Grafana is blocked; one that is not there is tried again', async () => {
    await using rig = await annotationRig();
    rig.start({ url: `${rig.grafana.url}/somewhere` });
    await vi.waitFor(() => expect(rig.health().lastError?.message).toMatch(/no annotation API/), WAIT);
    await rig.stop();
    const gone = rig.grafana.url;
    await rig.grafana.close();
    rig.start({ url: gone });
    await vi.waitFor(
      () => expect(rig.health()).toMatchObject({ state: 'retrying', nextTryAt: expect.any(Number) }),
      WAIT,
    );
    expect(rig.health().lastError?.message).toBe('the connection failed: ECONNREFUSED');
  });

  it('in trouble does not hold up another one', async () => {
    await using good = await annotationRig();
    await using bad = await annotationRig({ fault: () => ({ kind: 'hang' }) });
    const target = { token: 'glsa_fake_of_the_tests', detail: 'neutral' } as const;
    bad.start(
      {},
      {
        targets: [
          { ...target, name: 'bad', url: bad.grafana.url },
          { ...target, name: 'good', url: good.grafana.url },
        ],
      },
    );
    bad.source.put({ id: 'a' });
    await vi.waitFor(() => expect(good.drawn()).toHaveLength(1), WAIT);
    expect(bad.drawn()).toEqual([]);
  });

  it('draws what its organization may see, and takes away what it may not see any more', async () => {
    await using rig = await annotationRig();
    const seen = () => rig.drawn().map(({ tags }) => tags.find((tag) => tag.startsWith('env_')) ?? 'organization');
    rig.start({ environments: ['prod'] });
    rig.source.put({ id: 'a' });
    rig.source.put({ id: 'b', environment: 'staging' });
    rig.source.put({ id: 'c', environment: null });
    await vi.waitFor(() => expect(seen()).toEqual(['env_prod']), WAIT);
    await rig.settled();
    expect(JSON.stringify(rig.grafana.requests)).not.toMatch(/staging|organization\)/);
    await rig.stop();

    rig.start();
    await vi.waitFor(() => expect(seen().toSorted()).toEqual(['env_prod', 'env_staging', 'organization']), WAIT);
    await rig.settled();
    await rig.stop();

    rig.start({ environments: ['staging'] });
    await vi.waitFor(() => expect(seen()).toEqual(['env_staging']), WAIT);
    await rig.settled();
    // News of what is hidden by now are none of its business.
    rig.source.put({ id: 'd', action: 'delete' });
    rig.source.put({ id: 'e', environment: 'staging', occurredAt: NOON + 60_000 });
    await vi.waitFor(() => expect(seen()).toEqual(['env_staging', 'env_staging']), WAIT);
    await rig.settled();
    const before = rig.grafana.requests.length;
    await rig.stop();
    rig.start({ environments: ['staging'] });
    await rig.settled();
    // The probe only: what was taken away is forgotten.
    expect(rig.grafana.requests.slice(before).filter(({ path }) => path.includes('evt_'))).toHaveLength(1);
    expect(seen()).toEqual(['env_staging', 'env_staging']);
  });

  it.each([
    { name: 'a b' },
    { url: 'ftp://grafana' },
    { url: 'http://user:canary@grafana' },
    { token: 'canary\ncanary' },
    { timelineUrl: 'javascript:canary()' },
  ])('with a setting that makes no sense is refused, without its value: %j', async (target) => {
    await using rig = await annotationRig();
    expect(() => rig.start(target)).toThrow(AnnotationOptionsError);
    expect(() => rig.start(target)).not.toThrow(/canary/);
  });
});
