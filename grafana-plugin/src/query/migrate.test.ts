import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULTS, withType } from './defaults';
import { migrate } from './migrate';
import { QUERY_TYPES } from './model';

describe('saved queries', () => {
  it('of today come back as the same object', () => {
    for (const type of QUERY_TYPES) {
      const query = { refId: 'A', ...DEFAULTS[type] };
      expect(migrate(query)).toBe(query);
    }
  });

  it('that hold nothing but a reference ask for requests', () => {
    expect(migrate({ refId: 'B' })).toEqual({ refId: 'B', ...DEFAULTS.requests });
  });

  it('of version 0 have filters as the api takes them', () => {
    const old = {
      refId: 'A',
      queryType: 'requests',
      environment: '$env',
      filters: [
        { field: 'outcome', op: 'in', value: ['provider_error', 'provider_timeout'] },
        { field: 'status', op: 'gte', value: 500 },
        { field: 'errorClass', op: 'exists', value: true },
      ],
    };
    expect(migrate(old)).toMatchObject({
      version: 1,
      environment: '$env',
      filters: [
        { field: 'outcome', op: 'in', values: ['provider_error', 'provider_timeout'] },
        { field: 'status', op: 'gte', values: ['500'] },
        { field: 'errorClass', op: 'exists', values: ['true'] },
      ],
    });
  });

  it('of version 1 that were saved before a key was there get its default', () => {
    const saved = { refId: 'A', version: 1, environment: 'prod' };
    const requests = { ...saved, queryType: 'requests', filters: [], text: 'x', limit: 50, withChanges: true };
    expect(migrate(requests)).toEqual({ ...requests, mode: 'builder' });
    const changes = { ...saved, queryType: 'changes', kinds: ['model'], actions: [], actors: ['ada'], limit: 50 };
    expect(migrate(changes)).toEqual({ ...changes, resources: [], changeId: '', shape: 'rows' });
    const markers = { ...saved, queryType: 'markers', kinds: [], limit: 50 };
    expect(migrate(markers)).toEqual({ ...markers, shape: 'marks' });
  });

  it('of investigations are about what they named before they said so', () => {
    const saved = { refId: 'A', version: 1, environment: '', queryType: 'investigation', shape: 'readable' };
    const about = (ids: object) => migrate({ ...saved, ...ids });
    expect(about({ requestId: '$request', changeId: '' })).toMatchObject({ about: 'request', start: '', models: [] });
    expect(about({ requestId: '', changeId: 'c-1' })).toMatchObject({ about: 'change' });
    expect(about({ requestId: '', changeId: '' })).toMatchObject({ about: 'incident' });
    expect(about({ about: 'incident', requestId: 'r-1' })).toMatchObject({ about: 'incident', requestId: 'r-1' });
    expect(about({ about: 'weather', changeId: 'c-1' })).toMatchObject({ about: 'change' });
  });

  it('take no shape of another type', () => {
    expect(migrate({ refId: 'A', queryType: 'metrics', shape: 'trace' })).toMatchObject({ shape: 'series' });
    expect(migrate({ refId: 'A', queryType: 'changes', shape: 'table' })).toMatchObject({ shape: 'table' });
  });

  it('keep what Grafana put beside them', () => {
    const datasource = { type: 'aisix-observability-datasource', uid: 'x' };
    expect(migrate({ refId: 'A', key: 'Q-1', hide: true, datasource })).toMatchObject({
      key: 'Q-1',
      hide: true,
      datasource,
    });
  });

  it('with values of the wrong type get defaults, counts are cut to the limits', () => {
    const query = { refId: 'A', queryType: 'metrics', measures: ['p95', 'nonsense'], groupBy: 'outcome', topN: 4000 };
    expect(migrate(query)).toMatchObject({ measures: ['p95'], groupBy: ['outcome'], topN: 50 });
  });

  it('of a newer version are refused in words', () => {
    expect(() => migrate({ refId: 'A', version: 2 })).toThrow('newer version of the plugin');
  });

  it('migrate once, whatever they hold', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(...QUERY_TYPES), (rest, queryType) => {
        const once = migrate({ ...rest, version: undefined, refId: 'A', queryType });
        expect(migrate(once)).toBe(once);
      }),
    );
  });
});

describe('another type', () => {
  it('keeps environment and conditions, and nothing that the type does not have', () => {
    const filters = [{ field: 'status', op: 'eq', values: ['502'] }] as const;
    const requests = { refId: 'A', ...DEFAULTS.requests, environment: 'prod', filters, text: 'x' };
    const metrics = withType(requests, 'metrics');
    expect(metrics).toEqual({ refId: 'A', ...DEFAULTS.metrics, environment: 'prod', filters, text: 'x' });
    const request = { refId: 'A', ...DEFAULTS.trace, requestId: 'r-1' };
    expect(withType(request, 'investigation')).toEqual({
      refId: 'A',
      ...DEFAULTS.investigation,
      about: 'request',
      requestId: 'r-1',
    });
    expect(withType(metrics, 'trace')).toEqual({ refId: 'A', ...DEFAULTS.trace, environment: 'prod' });
  });
});
