import { type DataQueryRequest, dateTime, LoadingState } from '@grafana/data';
import { lastValueFrom, of, take, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import { fakeApi, fakeContext, NOW } from '../testing/fakeApi';
import { askedOf } from './asked';
import { runRequest } from './runRequest';

const request = (targets: object[], over = {}) =>
  ({
    app: 'explore',
    range: { from: dateTime(NOW - 1000), to: dateTime(NOW), raw: { from: 'now-1s', to: 'now' } },
    intervalMs: 50,
    scopedVars: {},
    targets,
    ...over,
  }) as unknown as DataQueryRequest<ObservabilityQuery>;

describe('a request of Grafana', () => {
  it('leaves the other queries untouched when one fails, and draws nothing for it', async () => {
    const metrics = () =>
      throwError(() => ({ status: 504, data: { error: { code: 'query_timeout', message: 'took 15 s' } } }));
    const context = fakeContext(fakeApi({ metrics }));
    const targets = [
      { refId: 'A', ...DEFAULTS.requests },
      { refId: 'B', ...DEFAULTS.metrics },
    ];
    const { data, errors } = await lastValueFrom(runRequest(request(targets), context));
    expect(data.map((frame) => frame.refId)).toEqual(['A']);
    expect(errors).toEqual([{ refId: 'B', status: 504, message: expect.stringContaining('Choose a shorter range') }]);
  });

  it('for a histogram fails as a whole, where Explore looks: an error beside an empty answer reads as no data', async () => {
    const volume = () => throwError(() => ({ status: 502 }));
    const targets = [{ refId: 'log-volume-A', ...DEFAULTS.requests, volume: true }];
    const { error, errors } = await lastValueFrom(runRequest(request(targets), fakeContext(fakeApi({ volume }))));
    expect(error?.message).toContain('cannot reach');
    expect(errors).toHaveLength(1);
    const beside = [...targets, { refId: 'B', ...DEFAULTS.requests }];
    expect(await lastValueFrom(runRequest(request(beside), fakeContext(fakeApi({ volume }))))).not.toHaveProperty(
      'error',
    );
  });

  it('tells of a query that a newer version saved', async () => {
    const targets = [{ refId: 'A', version: 7 }];
    const { errors } = await lastValueFrom(runRequest(request(targets), fakeContext(fakeApi())));
    expect(errors?.[0]?.message).toContain('newer version');
  });

  it('of nothing that can be asked is answered at once', async () => {
    const api = fakeApi();
    const targets = [
      { refId: 'A', ...DEFAULTS.trace },
      { refId: 'B', ...DEFAULTS.requests, hide: true },
    ];
    expect(await lastValueFrom(runRequest(request(targets), fakeContext(api)))).toEqual({ data: [] });
    expect(api.calls).toEqual([]);
  });

  it('for a live list follows the tail', async () => {
    const tail = () => of({ heartbeat: 1, cursor: 'a' });
    const context = fakeContext(fakeApi({ tail }));
    const response = await new Promise((resolve) => {
      const listening = runRequest(
        request([{ refId: 'A', ...DEFAULTS.requests }], { liveStreaming: true }),
        context,
      ).subscribe((answer) => {
        resolve(answer);
        queueMicrotask(() => listening.unsubscribe());
      });
    });
    expect(response).toMatchObject({ key: 'tail-A', state: LoadingState.Streaming });
  });

  it('for a live list tells of a query that a newer version saved, and follows the others', async () => {
    const tail = () => of({ heartbeat: 1, cursor: 'a' });
    const targets = [
      { refId: 'A', version: 7 },
      { refId: 'B', ...DEFAULTS.requests },
    ];
    const answers = runRequest(request(targets, { liveStreaming: true }), fakeContext(fakeApi({ tail })));
    const [refused, lines] = await lastValueFrom(answers.pipe(take(2), toArray()));
    expect(refused).toMatchObject({
      state: LoadingState.Error,
      errors: [{ message: expect.stringContaining('newer') }],
    });
    expect(lines).toMatchObject({ key: 'tail-B', state: LoadingState.Streaming });
  });

  it('has the interval that Explore rounded', () => {
    expect(askedOf(request([])).intervalMs).toBe(50);
    expect(askedOf(request([], { scopedVars: { __interval_ms: { value: 60_000 } } })).intervalMs).toBe(60_000);
  });
});
