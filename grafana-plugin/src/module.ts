import { DataSourcePlugin } from '@grafana/data';
import { DataSource } from './datasource';
import { lazyEditor } from './editors/lazyEditor';
import type { ObservabilityQuery } from './query/model';
import type { ObservabilityOptions, ObservabilitySecrets } from './settings';

export const plugin = new DataSourcePlugin<DataSource, ObservabilityQuery, ObservabilityOptions, ObservabilitySecrets>(
  DataSource,
)
  .setConfigEditor(lazyEditor(async () => (await import('./editors/ConfigEditor')).ConfigEditor))
  .setQueryEditor(lazyEditor(async () => (await import('./editors/QueryEditor')).QueryEditor))
  .setQueryEditorHelp(lazyEditor(async () => (await import('./editors/QueryHelp')).QueryHelp));
