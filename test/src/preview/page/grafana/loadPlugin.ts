import * as emotion from '@emotion/css';
import type { DataSourceApi, DataSourceInstanceSettings, DataSourcePlugin, PluginMeta } from '@grafana/data';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import i18next from 'i18next';
import * as react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactDom from 'react-dom';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';
import type { PreviewBoot } from '../../bootData.ts';
import { loadAmd } from './amdLoader.ts';

/** The plugin's own classes are not imported: what is shown is what was built. */
export type BuiltPlugin = DataSourcePlugin<DataSourceApi>;

export interface LoadedPlugin {
  readonly plugin: BuiltPlugin;
  readonly settings: DataSourceInstanceSettings;
  readonly datasource: DataSourceApi;
}

/** Of what Grafana shares with plugins, what this one may ask for (`sharedDependencies.ts`). */
const SHARED: Readonly<Record<string, unknown>> = {
  '@emotion/css': emotion,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  // Grafana shares the instance itself, which also is its own default.
  i18next: Object.assign(Object.create(i18next), { default: i18next, __esModule: true }),
  react: Object.assign({ default: react, __esModule: true }, react),
  'react-dom': Object.assign({ default: reactDom, __esModule: true }, reactDom),
  'react/jsx-runtime': jsxRuntime,
  rxjs,
  'rxjs/operators': rxjsOperators,
};

/** Loads the plugin and makes its data source, as Grafana does for a provisioned one. */
export async function loadPlugin({ plugin: json, datasource }: PreviewBoot): Promise<LoadedPlugin> {
  const folder = `/public/plugins/${json.id}`;
  const exported = (await loadAmd(`${folder}/module.js`, SHARED)) as { readonly plugin: BuiltPlugin };
  const { plugin } = exported;
  const meta = {
    ...json,
    module: `${folder}/module.js`,
    baseUrl: folder,
    info: { ...json.info, logos: { small: `${folder}/img/logo.svg`, large: `${folder}/img/logo.svg` } },
  } as unknown as PluginMeta;
  plugin.meta = meta as BuiltPlugin['meta'];
  const settings = {
    id: 1,
    uid: datasource.uid,
    name: datasource.name,
    type: json.id,
    url: `/api/datasources/proxy/uid/${datasource.uid}`,
    access: 'proxy',
    readOnly: true,
    meta,
    jsonData: { serverUrl: datasource.serverUrl },
  } as unknown as DataSourceInstanceSettings;
  const made = new plugin.DataSourceClass(settings);
  made.components = plugin.components;
  made.meta = plugin.meta;
  return { plugin, settings, datasource: made };
}
