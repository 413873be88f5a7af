import { EventBusSrv } from '@grafana/data';
import {
  type DataSourceSrv,
  FakeEchoSrv,
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setTemplateSrv,
} from '@grafana/runtime';
import { createBackendSrv } from './backendSrv.ts';
import type { LoadedPlugin } from './loadPlugin.ts';
import { PreviewTemplateSrv } from './templateSrv.ts';

export const templates = new PreviewTemplateSrv();

/** What Grafana sets before it loads a plugin (`app.ts`), as far as this one can come to it. */
export function setSingletons(): void {
  setBackendSrv(createBackendSrv());
  setTemplateSrv(templates);
  setEchoSrv(new FakeEchoSrv());
  setAppEvents(new EventBusSrv());
}

/** The one data source that there is. */
export function setDataSource({ settings, datasource }: LoadedPlugin): void {
  const service: DataSourceSrv = {
    get: async () => datasource,
    getList: ({ tracing } = {}) => (tracing === true ? [] : [settings]),
    getInstanceSettings: (ref) => {
      const uid = typeof ref === 'string' ? ref : ref?.uid;
      return uid === undefined || uid === settings.uid || uid === settings.name ? settings : undefined;
    },
    reload: async () => undefined,
    registerRuntimeDataSource: () => undefined,
  };
  setDataSourceSrv(service);
}
