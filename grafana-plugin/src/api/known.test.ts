import { firstValueFrom, lastValueFrom, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fakeApi } from '../testing/fakeApi';
import { PROD } from '../testing/fields';
import { createAuditAccess } from './auditAccess';
import { createDirectory } from './directory';
import { QueryFailure } from './queryFailure';

const MINUTE = 60_000;

describe('fields and environments', () => {
  it('are asked for once, and again after a while', async () => {
    const api = fakeApi();
    let time = 0;
    const directory = createDirectory(api.client, () => time);
    await Promise.all([firstValueFrom(directory.fields()), firstValueFrom(directory.environmentName())]);
    expect(api.calls).toHaveLength(1);
    time = 5 * MINUTE;
    await firstValueFrom(directory.fields());
    expect(api.calls).toHaveLength(2);
  });

  it('are asked for again after a failure, and ids stand for themselves until then', async () => {
    let fails = true;
    const { client } = fakeApi();
    const fields = () => (fails ? throwError(() => ({ status: 502 })) : client.fields());
    const directory = createDirectory({ fields }, () => 0);
    expect((await firstValueFrom(directory.environmentName()))(PROD)).toBe(PROD);
    fails = false;
    expect((await firstValueFrom(directory.environmentName()))(PROD)).toBe('prod');
  });
});

describe('audit access', () => {
  it('is not tried for a Viewer, whose way Grafana closes', () => {
    expect(createAuditAccess('Viewer', () => 0).mayBe()).toBe(false);
    expect(createAuditAccess('', () => 0).mayBe()).toBe(false);
  });

  it('is believed to be refused for a while, and not for any other failure', async () => {
    let time = 0;
    const access = createAuditAccess('Editor', () => time);
    const fail = (status: number, code?: string) =>
      lastValueFrom(access.watch(throwError(() => new QueryFailure('x', { status, code })))).catch(() => undefined);
    await fail(502);
    expect(access.mayBe()).toBe(true);
    // What is not there says nothing of who asks.
    await fail(404, 'change_unknown');
    await fail(403, 'environment_unknown');
    expect(access.mayBe()).toBe(true);
    await fail(403);
    expect(access.mayBe()).toBe(false);
    time = 5 * MINUTE;
    expect(access.mayBe()).toBe(true);
    await lastValueFrom(access.watch(of(1)));
    expect(access.mayBe()).toBe(true);
  });
});
