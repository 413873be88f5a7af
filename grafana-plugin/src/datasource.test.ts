import {
  type DataSourceInstanceSettings,
  hasLogsContextSupport,
  hasLogsLabelTypesSupport,
  hasQueryModificationSupport,
  hasSupplementaryQuerySupport,
  hasToggleableQueryFiltersSupport,
  SupplementaryQueryType,
} from '@grafana/data';
import { config, setBackendSrv, setTemplateSrv } from '@grafana/runtime';
import { of } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { DataSource } from './datasource';
import pluginJson from './plugin.json';
import { DEFAULTS } from './query/defaults';
import type { ObservabilityOptions } from './settings';
import { fakeTemplates } from './testing/fakeTemplates';
import { FIELDS } from './testing/fields';

const settings = { uid: 'aisix', name: 'AISIX', url: '/proxy', jsonData: { serverUrl: 'http://server' } };
const asked: string[] = [];

beforeEach(() => {
  config.bootData = { user: { orgRole: 'Viewer' } } as typeof config.bootData;
  asked.length = 0;
  const fetch = ({ url }: { url: string }) => {
    asked.push(url);
    return of({ data: url.endsWith('fields') ? FIELDS : { requests: [] }, status: 200, ok: true });
  };
  setBackendSrv({ fetch } as unknown as Parameters<typeof setBackendSrv>[0]);
  setTemplateSrv(fakeTemplates() as unknown as Parameters<typeof setTemplateSrv>[0]);
});

const create = () => new DataSource(settings as unknown as DataSourceInstanceSettings<ObservabilityOptions>);

describe('the data source', () => {
  it('has what Grafana looks for before it shows a button', () => {
    const datasource = create();
    expect(hasSupplementaryQuerySupport(datasource as never, SupplementaryQueryType.LogsVolume)).toBe(true);
    for (const has of [
      hasLogsContextSupport,
      hasToggleableQueryFiltersSupport,
      hasQueryModificationSupport,
      hasLogsLabelTypesSupport,
    ]) {
      expect(has(datasource)).toBe(true);
    }
  });

  it('leaves the answer of the histogram to Grafana: with an own provider it would have no axis', () => {
    expect(create()).not.toHaveProperty('getDataProvider');
  });

  it('asks by the routes of the plugin only', async () => {
    const datasource = create();
    await datasource.testDatasource();
    await datasource.getTagKeys();
    const segments = new Set(asked.map((url) => url.split('/')[2]));
    expect([...segments].sort()).toEqual(['changes', 'health', 'requests']);
  });

  it('shows and keeps filters', () => {
    const datasource = create();
    const query = { refId: 'A', ...DEFAULTS.requests };
    const filter = { key: 'servedModel', value: 'gpt-4o' };
    const filtered = datasource.toggleQueryFilter(query, { type: 'FILTER_FOR', options: filter });
    expect(datasource.queryHasFilter(filtered, filter)).toBe(true);
    expect(datasource.getQueryDisplayText(filtered)).toBe('requests · servedModel = gpt-4o');
    expect(datasource.getLabelDisplayTypeFromFrame('servedModel', undefined, null)).toBe('Models');
    expect(datasource.filterQuery({ refId: 'A', version: 9 } as never)).toBe(true);
  });
});

describe('a new query', () => {
  it('asks for requests, with rows of changes where the settings say so', () => {
    expect(create().getDefaultQuery()).toEqual(DEFAULTS.requests);
    const jsonData = { ...settings.jsonData, showChangeRows: true, environment: '' };
    const datasource = new DataSource({ ...settings, jsonData } as never);
    expect(datasource.getDefaultQuery()).toEqual({ ...DEFAULTS.requests, withChanges: true });
    expect(datasource.context.environment).toBeUndefined();
  });
});

describe('routes of the plugin', () => {
  const paths = pluginJson.routes.map(({ path }) => path);

  it('begin with segments of which none begins another, and end with one for everything else', () => {
    expect(paths.at(-1)).toBe('');
    expect(pluginJson.routes.at(-1)).toMatchObject({ reqRole: 'Admin' });
    const named = paths.slice(0, -1);
    for (const path of named) expect(named.filter((other) => other.startsWith(path))).toEqual([path]);
  });

  it('name no method: Grafana compares it as one word and passes on what does not match', () => {
    for (const route of pluginJson.routes) expect(route).not.toHaveProperty('method');
  });

  it('keep changes from Viewers, and send the secret where the server asks for it', () => {
    expect(pluginJson.routes.find(({ path }) => path === 'changes')).toMatchObject({ reqRole: 'Editor' });
    for (const { path, headers } of pluginJson.routes) {
      const sends = headers?.some(({ name }) => name === 'X-Aisix-Datasource-Secret') ?? false;
      expect(sends).toBe(path !== 'health' && path !== '');
    }
  });
});
