import { lastValueFrom, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { QueryFailure } from '../api/queryFailure';
import { DEFAULTS } from '../query/defaults';
import type { InvestigationQuery } from '../query/model';
import { asked, fakeApi, fakeContext } from '../testing/fakeApi';
import { fakeTemplates } from '../testing/fakeTemplates';
import { runQuery } from './runQuery';

const HOUR = 3_600_000;
const investigation = (given: Partial<InvestigationQuery>): InvestigationQuery => ({
  ...DEFAULTS.investigation,
  refId: 'A',
  ...given,
});

describe('an investigation', () => {
  it('of a request asks for its explanation, in the environment that is named', async () => {
    const api = fakeApi();
    const context = fakeContext(api, { templates: fakeTemplates({ id: { value: 'r-1' } }) });
    const { frames, executed } = await lastValueFrom(
      runQuery(investigation({ requestId: '$id', environment: 'prod' }), asked(), context),
    );
    expect(api.calls.find(([route]) => route === 'explain')?.[1]).toEqual({ requestId: 'r-1', environment: 'prod' });
    expect(frames.map(({ name }) => name)).toEqual(['investigation']);
    expect(executed).toContain('POST /investigations/request');
  });

  it('of a request asks in each of several environments that are chosen', async () => {
    const api = fakeApi();
    const context = fakeContext(api, { templates: fakeTemplates({ env: { value: ['prod', 'staging'] } }) });
    await lastValueFrom(runQuery(investigation({ requestId: 'r-1', environment: '$env' }), asked(), context));
    expect(api.calls.filter(([route]) => route === 'explain').map(([, body]) => body)).toEqual([
      { requestId: 'r-1', environment: 'prod' },
      { requestId: 'r-1', environment: 'staging' },
    ]);
  });

  it('without a request or a change looks for incidents, in six hours at most', async () => {
    const api = fakeApi();
    const { frames, notices = [] } = await lastValueFrom(
      runQuery(
        investigation({ shape: 'table', environment: 'prod' }),
        asked({ from: asked().to - 24 * HOUR }),
        fakeContext(api),
      ),
    );
    expect(api.calls.find(([route]) => route === 'incidents')?.[1]).toEqual({
      from: asked().to - 6 * HOUR,
      to: asked().to,
      environment: 'prod',
    });
    expect(frames.map(({ name }) => name)).toEqual(['suspects']);
    expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining('six hours')]);
  });

  it('of a change asks what it did', () => {
    const api = fakeApi({ impact: () => of() });
    runQuery(investigation({ changeId: 'c-1' }), asked(), fakeContext(api)).subscribe();
    expect(api.calls).toEqual([['impact', { id: 'c-1' }]]);
  });

  it('is for audit readers: a Viewer does not ask, and a refusal is remembered', async () => {
    const api = fakeApi({ explain: () => throwError(() => new QueryFailure('no', { status: 403 })) });
    const run = (context: ReturnType<typeof fakeContext>) =>
      lastValueFrom(runQuery(investigation({ requestId: 'r-1' }), asked(), context));
    await expect(run(fakeContext(api, { orgRole: 'Viewer' }))).rejects.toThrow('audit readers');
    expect(api.calls.filter(([route]) => route === 'explain')).toEqual([]);
    const editor = fakeContext(api, { orgRole: 'Editor' });
    await expect(run(editor)).rejects.toThrow('no');
    await expect(run(editor)).rejects.toThrow('audit readers');
  });
});
