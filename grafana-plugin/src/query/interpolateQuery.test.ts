import { describe, expect, it } from 'vitest';
import { fakeTemplates } from '../testing/fakeTemplates';
import { conditionsOf } from './conditions';
import { DEFAULTS } from './defaults';
import { interpolateQuery } from './interpolateQuery';
import type { RequestsQuery } from './model';

const templates = fakeTemplates({
  env: { value: ['prod', 'staging'] },
  models: { value: ['a|b', "c'd"] },
  all: { value: ['$__all'], options: ['x'] },
  id: { value: 'req-1' },
});

describe('a panel that is opened in Explore', () => {
  it('asks the same without variables', () => {
    const query: RequestsQuery = {
      refId: 'A',
      ...DEFAULTS.requests,
      environment: '$env',
      text: 'x $id',
      filters: [
        { field: 'servedModel', op: 'eq', values: ['$models'] },
        { field: 'outcome', op: 'in', values: ['$all'] },
      ],
    };
    const adHoc = [{ key: 'status', operator: '=', value: '502' }];
    const opened = interpolateQuery(query, templates, {}, adHoc);
    expect(JSON.stringify(opened)).not.toContain('$');
    const asked = (each: typeof query, filters: typeof adHoc) => conditionsOf(each, { templates, adHoc: filters });
    expect(asked(opened as RequestsQuery, [])).toEqual(asked(query, adHoc));
  });

  it('keeps kinds and ids', () => {
    const trace = { refId: 'A', ...DEFAULTS.trace, requestId: '$id', environment: '$all' };
    expect(interpolateQuery(trace, templates, {})).toMatchObject({ requestId: 'req-1', environment: '' });
    const changes = {
      refId: 'A',
      ...DEFAULTS.changes,
      actors: ['$models'],
      resources: ['$id', '$all'],
      changeId: '$id',
    };
    expect(interpolateQuery(changes, templates, {})).toMatchObject({
      actors: ['a|b', "c'd"],
      resources: [],
      changeId: 'req-1',
    });
    const named = interpolateQuery({ ...changes, resources: ['$id'] }, templates, {});
    expect(named).toMatchObject({ resources: ['req-1'] });
  });

  it('fills in what an investigation is about', () => {
    const templates = fakeTemplates({
      __from: { value: '1795414740000' },
      model: { value: ['a', 'b'] },
      id: { value: 'r-1' },
    });
    const query = {
      refId: 'A',
      ...DEFAULTS.investigation,
      start: '$__from',
      models: ['$model', 'c'],
      requestId: '$id',
    };
    expect(interpolateQuery(query, templates, {})).toMatchObject({
      about: 'incident',
      start: '1795414740000',
      models: ['a', 'b', 'c'],
      requestId: 'r-1',
    });
  });
});
