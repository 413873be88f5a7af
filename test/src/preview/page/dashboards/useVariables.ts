import {
  CoreApp,
  type CustomVariableSupport,
  type DataFrame,
  type DataSourceApi,
  type TimeRange,
  toDataFrame,
} from '@grafana/data';
import { useEffect, useMemo, useState } from 'react';
import { firstValueFrom, from } from 'rxjs';
import { templates } from '../grafana/singletons.ts';
import type { ChosenVariable } from '../grafana/templateSrv.ts';
import { useHost } from '../run/contextOf.ts';
import { requestOf } from '../run/runQueries.ts';
import type { VariableJson } from './dashboardJson.ts';

export interface Variable extends ChosenVariable {
  readonly label: string;
  readonly options: readonly VariableOption[];
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly hidden: boolean;
}

export interface VariableOption {
  readonly value: string;
  readonly label: string;
}

export const ALL = '$__all';

interface Variables {
  readonly variables: readonly Variable[];
  /** False until the values of each are known; nothing is asked before. */
  readonly ready: boolean;
  readonly choose: (name: string, value: string | readonly string[]) => void;
}

/** Variables of a dashboard with their values, and what is chosen; parameters of the address choose, as in Grafana. */
export function useVariables(
  list: readonly VariableJson[] | undefined,
  range: TimeRange,
  parameters: string,
): Variables {
  const { datasource } = useHost();
  const [options, setOptions] = useState<ReadonlyMap<string, readonly VariableOption[]>>();
  const [chosen, setChosen] = useState<ReadonlyMap<string, string | readonly string[]>>(() => chosenIn(parameters));
  useEffect(() => {
    if (list === undefined) return undefined;
    let left = false;
    const load = async () => {
      templates.variables = list.map((json) => ({
        name: json.name,
        type: json.type,
        value: json.includeAll ? ALL : '',
      }));
      const found = await Promise.all(
        list.map(async (json) => [json.name, await optionsOf(json, datasource, range)] as const),
      );
      if (!left) setOptions(new Map(found));
    };
    void load();
    return () => {
      left = true;
    };
    // Values of another range are as good: asked once, and not with each refresh.
  }, [list, datasource]);

  const variables = useMemo(
    () => (list ?? []).map((json) => variableOf(json, options?.get(json.name) ?? [], chosen.get(json.name))),
    [list, options, chosen],
  );
  // Queries are interpolated by the template service when they are run, after this.
  templates.variables = variables;
  return {
    variables,
    ready: list !== undefined && options !== undefined,
    choose: (name, value) => setChosen((before) => new Map(before).set(name, value)),
  };
}

function chosenIn(parameters: string): Map<string, string> {
  return new Map(
    [...new URLSearchParams(parameters)].flatMap(([key, value]) =>
      key.startsWith('var-') ? [[key.slice(4), value] as const] : [],
    ),
  );
}

function variableOf(
  json: VariableJson,
  options: readonly VariableOption[],
  chosen: string | readonly string[] | undefined,
): Variable {
  const { name, type, multi = false, includeAll = false, hide = 0 } = json;
  const saved = json.current?.value;
  const normal = includeAll ? ALL : (options[0]?.value ?? '');
  const value =
    chosen ??
    (typeof saved === 'string' &&
    saved !== '' &&
    (saved === ALL || options.some((option) => option.value === saved) || type === 'textbox')
      ? saved
      : Array.isArray(saved) && saved.length > 0
        ? saved.map(String)
        : normal);
  return {
    name,
    type,
    label: json.label ?? name,
    value,
    all: options.map((option) => option.value),
    options,
    multi,
    includeAll,
    hidden: hide === 2 || type === 'datasource' || type === 'adhoc' || type === 'constant',
  };
}

async function optionsOf(
  json: VariableJson,
  datasource: DataSourceApi,
  range: TimeRange,
): Promise<readonly VariableOption[]> {
  switch (json.type) {
    case 'datasource':
      return [plain(datasource.uid)];
    case 'query':
      return queried(json, datasource, range).catch(() => []);
    case 'custom':
      return String(json.query ?? '')
        .split(',')
        .map((each) => plain(each.trim()));
    case 'constant':
    case 'textbox':
      return [plain(String(json.query ?? ''))];
    default:
      return [];
  }
}

async function queried(json: VariableJson, datasource: DataSourceApi, range: TimeRange): Promise<VariableOption[]> {
  const support = datasource.variables as CustomVariableSupport<DataSourceApi> | undefined;
  if (support === undefined) return [];
  const query = { refId: json.name, ...(json.query as object) };
  const request = requestOf({ targets: [query], range, app: CoreApp.Dashboard, width: 1000 });
  const { data } = await firstValueFrom(from(support.query(request as never)));
  return data.flatMap((each: unknown) => textsOf(toDataFrame(each)));
}

const plain = (value: string): VariableOption => ({ value, label: value });

/** As `toMetricFindValues` reads a frame. */
function textsOf(frame: DataFrame): VariableOption[] {
  const column = (name: string) => frame.fields.find((field) => field.name === name)?.values;
  const values = column('value') ?? frame.fields[0]?.values ?? [];
  const texts = column('text') ?? values;
  return values.map((value, at) => ({ value: String(value), label: String(texts[at]) }));
}

/** Values that a variable stands for at present. */
export function valuesOf(variables: readonly Variable[], name: string): readonly string[] {
  const variable = variables.find((each) => each.name === name);
  if (variable === undefined) return [];
  const { value, all = [] } = variable;
  const chosen = typeof value === 'string' ? [value] : value;
  return chosen.includes(ALL) ? all : chosen;
}
