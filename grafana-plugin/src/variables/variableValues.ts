import { createDataFrame, type DataFrame, FieldType, type MetricFindValue } from '@grafana/data';
import { map, type Observable } from 'rxjs';
import { valuesOf } from '../adHoc/adHoc';
import { QueryFailure } from '../api/queryFailure';
import { environmentsOf } from '../query/conditions';
import { interpolateOne } from '../query/interpolate';
import type { Asked } from '../run/asked';
import type { RunContext } from '../run/context';
import type { VariableQuery } from './model';

/** Values of a variable, as the two columns of texts that Grafana looks for. */
export function variableValues(query: VariableQuery, asked: Asked, context: RunContext): Observable<DataFrame> {
  return choices(query, asked, context).pipe(
    map((values) =>
      createDataFrame({
        refId: query.refId,
        fields: [
          { name: 'text', type: FieldType.string, values: values.map(({ text }) => text) },
          { name: 'value', type: FieldType.string, values: values.map(({ text, value }) => String(value ?? text)) },
        ],
      }),
    ),
  );
}

function choices(query: VariableQuery, asked: Asked, context: RunContext): Observable<MetricFindValue[]> {
  if (query.kind === 'environments') {
    // By name, which stays readable in the address of a dashboard; the server takes names and ids alike.
    return context.directory
      .fields()
      .pipe(map(({ environments }) => environments.map(({ name }) => ({ text: name, value: name }))));
  }
  const options = { ...context, ...asked };
  const [environment, another] = environmentsOf(query.environment, options);
  if (another !== undefined) {
    throw new QueryFailure('A list of values takes one environment or all of them; choose one in the variable.');
  }
  const search = interpolateOne('A list of values', query.search, context.templates, asked.scopedVars);
  return valuesOf(query.field, asked, context, {
    ...(environment === undefined ? {} : { environment }),
    ...(search === '' ? {} : { search }),
  });
}
