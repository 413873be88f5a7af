import { lastValueFrom, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../api/client';
import { fakeApi, NOW } from '../testing/fakeApi';
import { requestWith } from '../testing/requests';
import { testConnection } from './testConnection';

const stats = { elapsedMs: 1, rows: 1 };
const test = (answers: Partial<ApiClient>, over = {}) =>
  lastValueFrom(
    testConnection({
      client: fakeApi(answers).client,
      orgRole: 'Admin',
      environment: undefined,
      serverUrl: 'http://server:14319',
      now: () => NOW,
      ...over,
    }),
  );
const newest = { search: () => of({ requests: [requestWith({ startTime: NOW - 3000 })], stats }) };
const status = (code: number) => () => throwError(() => ({ status: code }));

describe('the test button', () => {
  it('says what works for this person', async () => {
    expect(await test(newest)).toEqual({
      status: 'success',
      message:
        'Connected. You may see the environment prod. The newest request is 3.0 s old. You are an audit reader as Admin: changes show names and values.',
    });
  });

  it('tells a person who is no audit reader, which is no failure', async () => {
    const viewer = await test({ ...newest, changes: status(403) }, { orgRole: 'Viewer' });
    expect(viewer).toMatchObject({
      status: 'success',
      message: expect.stringContaining('You are no audit reader as Viewer'),
    });
    expect((await test({ ...newest, changes: status(404) })).message).toContain('keeps no configuration changes');
  });

  it('says what to do when nothing came', async () => {
    expect((await test({})).message).toContain('check that the gateway sends');
  });

  it('fails in words', async () => {
    expect(await test({}, { serverUrl: '' })).toMatchObject({
      status: 'error',
      message: expect.stringContaining('Enter the address'),
    });
    expect(await test({ health: status(502) })).toMatchObject({
      status: 'error',
      message: expect.stringContaining('cannot reach'),
    });
    expect(
      await test({ fields: () => throwError(() => ({ status: 400, data: 'Authentication to data source failed' })) }),
    ).toMatchObject({
      status: 'error',
      message: expect.stringContaining('Check the secret'),
    });
    expect((await test({}, { environment: 'produciton' })).message).toContain(
      '"produciton", and you may see the environment prod',
    );
  });
});
