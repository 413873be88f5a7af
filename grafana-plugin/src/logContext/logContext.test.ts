import { LogRowContextQueryDirection } from '@grafana/data';
import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { changeLogFrame } from '../frames/changes';
import { rowId } from '../frames/logs';
import { DEFAULTS } from '../query/defaults';
import { changeWith } from '../testing/changes';
import { fakeApi, fakeContext } from '../testing/fakeApi';
import { readAsGrafanaDoes } from '../testing/grafanaLogs';
import { requestWith } from '../testing/requests';
import { commonsOf, contextQuery } from './contextQuery';
import { logRowContext } from './logContext';

const labels = { apiKeyId: 'key-1', traceId: 'f'.repeat(32), environment: 'prod' };

describe('the context of a row', () => {
  it('is what has the same caller key, or what one chose', () => {
    expect(commonsOf({ labels })).toEqual(['caller', 'trace']);
    expect(contextQuery({ labels }, undefined, undefined)).toMatchObject({
      environment: 'prod',
      filters: [{ field: 'apiKeyId', op: 'eq', values: ['key-1'] }],
    });
    expect(contextQuery({ labels }, 'trace', undefined).filters).toMatchObject([{ field: 'traceId' }]);
  });

  it('leaves out the filters of the list, and keeps its reference', () => {
    const origin = {
      refId: 'C',
      ...DEFAULTS.requests,
      filters: [{ field: 'status', op: 'eq', values: ['502'] }],
    } as const;
    expect(contextQuery({ labels }, 'caller', origin)).toMatchObject({ refId: 'C', filters: [{ field: 'apiKeyId' }] });
  });

  it('of a change is the requests around it, in its environment or in that of the list', () => {
    const origin = { refId: 'A', ...DEFAULTS.requests, environment: 'staging' };
    const around = (environment: string | null) => {
      const [row] = readAsGrafanaDoes(changeLogFrame([changeWith({ environment })], 'A', () => 'prod')).rows;
      return contextQuery({ labels: row?.labels as Record<string, string> }, undefined, origin);
    };
    expect(around('x')).toMatchObject({ environment: 'prod', filters: [] });
    expect(around(null)).toMatchObject({ environment: 'staging', filters: [] });
  });

  it('is read away from the row, without the row', async () => {
    const row = requestWith();
    const other = requestWith({ requestId: 'req-2' });
    const api = fakeApi({ search: () => of({ requests: [row, other], stats: { elapsedMs: 1, rows: 2 } }) });
    const read = async (direction: LogRowContextQueryDirection) => {
      const place = { timeEpochMs: Math.floor(row.startTime), rowId: rowId(row) };
      const query = contextQuery({ labels }, undefined, undefined);
      return logRowContext(place, query, { direction, limit: 10, timeWindowMs: 1000 }, fakeContext(api));
    };
    const { data } = await read(LogRowContextQueryDirection.Backward);
    expect(data[0].length).toBe(1);
    await read(LogRowContextQueryDirection.Forward);
    const at = Math.floor(row.startTime);
    expect(api.calls.filter(([route]) => route === 'search').map(([, body]) => body)).toMatchObject([
      { from: at - 1000, to: at + 1, order: 'newest', limit: 11 },
      { from: at, to: at + 1000, order: 'oldest', limit: 11 },
    ]);
  });

  it('that cannot be had is a refused promise in words: Grafana reads nothing but the rows of an answer', async () => {
    const api = fakeApi({ search: () => throwError(() => ({ status: 502 })) });
    const query = contextQuery({ labels }, undefined, undefined);
    const read = (over = {}) =>
      logRowContext({ timeEpochMs: 5_000_000, rowId: 'x' }, { ...query, ...over }, {}, fakeContext(api));
    await expect(read()).rejects.toThrow('cannot reach');
    const filters = Array.from({ length: 40 }, () => ({ field: 'status', op: 'eq' as const, values: ['1'] }));
    await expect(read({ filters })).rejects.toThrow('40 filters');
  });
});
