import {
  type AdHocVariableFilter,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type DataSourceWithLogsContextSupport,
  type DataSourceWithLogsLabelTypesSupport,
  type DataSourceWithQueryModificationSupport,
  type DataSourceWithSupplementaryQueriesSupport,
  type DataSourceWithToggleableQueryFiltersSupport,
  type LogRowContextOptions,
  type LogRowModel,
  type MetricFindValue,
  type QueryFilterOptions,
  type QueryFixAction,
  type ScopedVars,
  type SupplementaryQueryOptions,
  type SupplementaryQueryType,
  type TestDataSourceResponse,
  type ToggleFilterAction,
} from '@grafana/data';
import { config, getBackendSrv, getTemplateSrv } from '@grafana/runtime';
import { firstValueFrom, from, type Observable, switchMap } from 'rxjs';
import { annotationSupport } from './annotations/annotationSupport';
import { createAuditAccess } from './api/auditAccess';
import { createDirectory } from './api/directory';
import { lazyClient } from './api/lazyClient';
import { MODIFICATIONS, modifyQuery } from './filters/modifyQuery';
import { hasFilter, toggleFilter } from './filters/toggleFilter';
import { labelGroupOf } from './frames/labels';
import { ContextChoice } from './logContext/contextChoice';
import { DEFAULTS } from './query/defaults';
import { describeSaved } from './query/describe';
import { interpolateQuery } from './query/interpolateQuery';
import type { ObservabilityQuery } from './query/model';
import { ofReadable } from './query/readable';
import { isRunnableSaved } from './query/runnable';
import type { RunContext } from './run/context';
import { linkTargets } from './run/linkTargets';
import { type ObservabilityOptions, visibilityOf } from './settings';
import { SUPPORTED, volumeQuery, volumeRequest } from './supplementary/volume';
import { ObservabilityVariables } from './variables/variableSupport';

const HOUR = 60 * 60 * 1000;

const work = () => import('./work');

/** What Grafana calls; each capability is done in the folder of its name. */
export class DataSource
  extends DataSourceApi<ObservabilityQuery, ObservabilityOptions>
  implements
    DataSourceWithSupplementaryQueriesSupport<ObservabilityQuery>,
    DataSourceWithLogsContextSupport<ObservabilityQuery>,
    DataSourceWithToggleableQueryFiltersSupport<ObservabilityQuery>,
    DataSourceWithQueryModificationSupport<ObservabilityQuery>,
    DataSourceWithLogsLabelTypesSupport
{
  readonly context: RunContext;
  readonly supportsAdjustableWindow = true;
  private readonly serverUrl: string | undefined;
  private readonly contextChoice = new ContextChoice();

  constructor(settings: DataSourceInstanceSettings<ObservabilityOptions>) {
    super(settings);
    const { jsonData, url = '', uid, name } = settings;
    const client = lazyClient(async () => (await work()).createClient(url, getBackendSrv()));
    const audit = createAuditAccess(config.bootData.user.orgRole, Date.now);
    this.serverUrl = jsonData.serverUrl;
    this.context = {
      client,
      directory: createDirectory(client, Date.now),
      audit,
      templates: getTemplateSrv(),
      links: () => linkTargets({ uid, name }, jsonData, audit),
      environment: jsonData.environment === '' ? undefined : jsonData.environment,
      visibility: visibilityOf(jsonData),
    };
    this.annotations = annotationSupport;
    this.variables = new ObservabilityVariables(this.context);
  }

  override query(request: DataQueryRequest<ObservabilityQuery>): Observable<DataQueryResponse> {
    return from(work()).pipe(switchMap(({ runRequest }) => runRequest(request, this.context)));
  }

  override getDefaultQuery(): Partial<ObservabilityQuery> {
    return { ...DEFAULTS.requests, withChanges: this.context.visibility.changeRows };
  }

  override filterQuery(query: ObservabilityQuery): boolean {
    return isRunnableSaved(query);
  }

  override getQueryDisplayText(query: ObservabilityQuery): string {
    return describeSaved(query);
  }

  override interpolateVariablesInQueries(
    queries: ObservabilityQuery[],
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[],
  ): ObservabilityQuery[] {
    const { templates } = this.context;
    return queries.map((saved) =>
      ofReadable(saved, (query) => interpolateQuery(query, templates, scopedVars, filters), saved),
    );
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    const { testConnection } = await work();
    const { client, environment } = this.context;
    const { orgRole } = config.bootData.user;
    return firstValueFrom(testConnection({ client, environment, orgRole, serverUrl: this.serverUrl, now: Date.now }));
  }

  getSupportedSupplementaryQueryTypes(): SupplementaryQueryType[] {
    return SUPPORTED;
  }

  getSupplementaryQuery(options: SupplementaryQueryOptions, query: ObservabilityQuery): ObservabilityQuery | undefined {
    return volumeQuery(options, query);
  }

  getSupplementaryRequest(
    type: SupplementaryQueryType,
    request: DataQueryRequest<ObservabilityQuery>,
  ): DataQueryRequest<ObservabilityQuery> | undefined {
    return volumeRequest(type, request);
  }

  getLogRowContext = async (
    row: LogRowModel,
    options: LogRowContextOptions = {},
    query?: ObservabilityQuery,
  ): Promise<DataQueryResponse> => {
    const { logRowContext } = await work();
    return logRowContext(row, this.contextChoice.query(row, query), options, this.context);
  };

  getLogRowContextQuery = async (
    row: LogRowModel,
    _options?: LogRowContextOptions,
    query?: ObservabilityQuery,
  ): Promise<ObservabilityQuery> => this.contextChoice.query(row, query);

  getLogRowContextUi(row: LogRowModel, runContextQuery?: () => void) {
    return this.contextChoice.render(row, runContextQuery);
  }

  toggleQueryFilter(query: ObservabilityQuery, { type, options }: ToggleFilterAction): ObservabilityQuery {
    const { key = '', value = '' } = options;
    return ofReadable(query, (read) => toggleFilter(read, type, key, value), query);
  }

  queryHasFilter(query: ObservabilityQuery, { key = '', value = '' }: QueryFilterOptions): boolean {
    return ofReadable(query, (read) => hasFilter(read, key, value), false);
  }

  override modifyQuery(query: ObservabilityQuery, action: QueryFixAction): ObservabilityQuery {
    return ofReadable(query, (read) => modifyQuery(read, action), query);
  }

  getSupportedQueryModifications(): string[] {
    return [...MODIFICATIONS];
  }

  getLabelDisplayTypeFromFrame(label: string, _frame: DataFrame | undefined, _index: number | null): string | null {
    return labelGroupOf(label) ?? null;
  }

  override async getTagKeys(): Promise<MetricFindValue[]> {
    const { tagKeys } = await work();
    return tagKeys(this.context);
  }

  override async getTagValues(options: DataSourceGetTagValuesOptions<ObservabilityQuery>): Promise<MetricFindValue[]> {
    const { tagValues } = await work();
    const { key, timeRange } = options;
    const to = timeRange?.to.valueOf() ?? Date.now();
    return tagValues(key, { from: timeRange?.from.valueOf() ?? to - HOUR, to }, this.context);
  }
}
