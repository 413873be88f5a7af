import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreApp, type DataQueryRequest, type DataQueryResponse, dateTime, LoadingState } from '@grafana/data';
import { lastValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../api/client';
import type { MetricsInput } from '../api/contract';
import pluginJson from '../plugin.json';
import { migrate } from '../query/migrate';
import type { ObservabilityQuery } from '../query/model';
import { runRequest } from '../run/runRequest';
import { changeWith } from '../testing/changes';
import { fakeApi, fakeContext, NOW } from '../testing/fakeApi';
import { fakeTemplates, scopedInScenes } from '../testing/fakeTemplates';
import { explanation, incidents } from '../testing/investigations';
import { recordedRequests } from '../testing/requests';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Place;
  readonly datasource: unknown;
  readonly repeat?: string;
  readonly fieldConfig?: { readonly overrides?: readonly unknown[] };
  readonly targets: readonly ObservabilityQuery[];
  readonly transformations?: readonly { readonly options: unknown }[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly annotations: {
    readonly list: readonly { readonly builtIn?: number; readonly target?: ObservabilityQuery }[];
  };
}

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as Dashboard;

const stats = { elapsedMs: 1, rows: 1 };
const marker = { id: 'm1', time: NOW - 1000, kind: 'model', action: 'update', count: 1 };

/** A server that has something for every question. */
const ANSWERS: Partial<ApiClient> = {
  search: () => of({ requests: [...recordedRequests()], stats }),
  get: () => of({ requests: recordedRequests().slice(0, 1), stats }),
  metrics: (body) => of(seriesFor(body)),
  markers: () => of({ markers: [marker], gaps: [] }),
  incidents: () => of(incidents),
  explain: () => of({ explanations: [explanation] }),
  changes: () => of({ changes: [changeWith({ occurredAt: NOW - 1000 })], gaps: [] }),
};

function seriesFor({ measures, groupBy = [] }: MetricsInput) {
  const labels = Object.fromEntries(groupBy.map((field) => [field, 'x']));
  const series = measures.map((measure) => ({ measure, labels, values: [1] }));
  return { buckets: [NOW - 60_000], series, stats: { ...stats, source: 'rollup' as const } };
}

/** Variables as they are when a dashboard is opened for the first time. */
const TEMPLATES = {
  ...Object.fromEntries(
    ['environment', 'model', 'key', 'outcome', 'kind'].map((name) => [name, { value: ['$__all'] }]),
  ),
  // Of a panel that is repeated.
  provider: { value: 'openai' },
  request: { value: '' },
  actor: { value: '' },
  ds: { value: 'aisix' },
};

async function ask(
  targets: readonly ObservabilityQuery[],
  over = {},
  context = fakeContext(fakeApi(ANSWERS), { templates: fakeTemplates(TEMPLATES) }),
): Promise<DataQueryResponse> {
  const [from, to] = [dateTime(NOW - 3_600_000), dateTime(NOW)];
  const request = { app: CoreApp.Dashboard, targets, range: { from, to }, intervalMs: 60_000, scopedVars: {}, ...over };
  return lastValueFrom(runRequest(request as unknown as DataQueryRequest<ObservabilityQuery>, context));
}

describe('bundled dashboards', () => {
  it('are those that the plugin names', () => {
    const named = pluginJson.includes.map(({ path, name }) => [path.replace('dashboards/', ''), name]);
    expect(named.sort()).toEqual(files.map((file) => [file, read(file).title]).sort());
    expect(new Set(files.map((file) => read(file).uid)).size).toBe(files.length);
  });
});

describe('the list of requests of a dashboard', () => {
  it('leads to the dashboard of one request, by variables that it has', async () => {
    const list = read('gateway-timeline.json').panels.filter(({ type }) => type === 'logs');
    const { data } = await ask(list.flatMap(({ targets }) => targets));
    const [link] = data[0].fields.find(({ name }: { name: string }) => name === 'request').config.links;
    const url = new URL(link.url, 'https://grafana.example');
    const detail = read('request-detail.json');
    expect(url.pathname).toBe(`/d/${detail.uid}`);
    const set = [...url.searchParams.keys()].filter((key) => key.startsWith('var-')).map((key) => key.slice(4));
    expect(set).toEqual(detail.templating.list.map(({ name }) => name));
    expect([url.searchParams.get('from'), url.searchParams.get('to')]).toEqual([`${NOW - 3_600_000}`, `${NOW}`]);
  });
});

describe('a panel that Scenes repeats for each provider', () => {
  it('asks for its own provider, though the dashboard says All', async () => {
    const repeated = read('models-providers-keys.json').panels.filter((panel) => panel.repeat === 'provider');
    expect(repeated).toHaveLength(1);
    const api = fakeApi(ANSWERS);
    const provider = { value: ['$__all'], options: ['openai', 'azure'] };
    const templates = fakeTemplates({ ...TEMPLATES, provider });
    const scopedVars = scopedInScenes({ provider: 'azure' });
    await ask(repeated[0]?.targets ?? [], { scopedVars }, fakeContext(api, { templates }));
    expect(JSON.stringify(api.calls)).toContain('"attempt.provider","op":"eq","value":"azure"');
  });
});

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  const dashboard = read(file);
  const { panels, templating, annotations } = dashboard;
  const drawn = annotations.list.flatMap(({ target }) => (target === undefined ? [] : [target]));
  const targets = [...panels.flatMap((panel) => panel.targets), ...drawn];

  it.each(panels.map((panel) => [panel.id, panel.title, panel] as const))(
    'panel %i, %s, gets data for every query',
    async (_id, _title, panel) => {
      const { data, errors, state } = await ask(panel.targets);
      expect(errors).toBeUndefined();
      expect(state).not.toBe(LoadingState.Error);
      for (const { refId } of panel.targets) {
        const frames = data.filter((frame) => frame.refId === refId);
        expect(frames.length).toBeGreaterThan(0);
        expect(frames.every(({ length }) => length > 0)).toBe(true);
      }
    },
  );

  it('has annotations that are drawn', async () => {
    for (const target of drawn) {
      const { data, errors } = await ask([target], { scopedVars: { __annotation: { text: '', value: {} } } });
      expect(errors).toBeUndefined();
      expect(data).toHaveLength(1);
    }
  });

  it('has whole queries of today, so that opening a panel changes nothing', () => {
    for (const target of targets) expect(migrate(target)).toBe(target);
  });

  it('has no links that nobody sees: panels of logs have no field configuration', () => {
    for (const panel of panels.filter(({ type }) => type === 'logs'))
      expect(panel.fieldConfig?.overrides ?? []).toEqual([]);
  });

  it('names no data source but the chosen one', () => {
    const uids = [...text.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(uids)).toEqual(new Set(['${ds}', '-- Grafana --', dashboard.uid]));
    expect(templating.list[0]).toMatchObject({ name: 'ds', type: 'datasource', query: pluginJson.id });
  });

  it('uses only variables that it has', () => {
    const known = new Set(templating.list.map(({ name }) => name));
    const used = [...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name ?? '');
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has panels side by side that fill every row', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = new Set<string>();
    let area = 0;
    for (const {
      gridPos: { x, y, w, h },
    } of panels) {
      area += w * h;
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) cells.add(`${column},${row}`);
    }
    expect(cells.size).toBe(area);
    expect(area).toBe(24 * Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h)));
  });
});
