import { createDataFrame, type DataFrame, FieldType, type MetricFindValue } from '@grafana/data';
import { catchError, defer, map, type Observable, throwError } from 'rxjs';
import { valuesOf } from '../adHoc/adHoc';
import { failureOf } from '../api/failure';
import { environmentsOf } from '../query/conditions';
import { interpolateOne } from '../query/interpolate';
import type { Asked } from '../run/asked';
import type { RunContext } from '../run/context';
import { everywhere } from '../run/everywhere';
import type { VariableQuery } from './model';

/** Values of a variable, as the two columns of texts that Grafana looks for. */
export function variableValues(query: VariableQuery, asked: Asked, context: RunContext): Observable<DataFrame> {
  return defer(() => choices(query, asked, context)).pipe(
    map((values) =>
      createDataFrame({
        refId: query.refId,
        fields: [
          { name: 'text', type: FieldType.string, values: values.map(({ text }) => text) },
          { name: 'value', type: FieldType.string, values: values.map(({ text, value }) => String(value ?? text)) },
        ],
      }),
    ),
    catchError((error: unknown) => throwError(() => failureOf(error))),
  );
}

function choices(query: VariableQuery, asked: Asked, context: RunContext): Observable<MetricFindValue[]> {
  if (query.kind === 'environments') {
    // By name, which stays readable in the address of a dashboard; the server takes names and ids alike.
    return context.directory
      .fields()
      .pipe(map(({ environments }) => environments.map(({ name }) => ({ text: name, value: name }))));
  }
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  const search = interpolateOne('A list of values', query.search, context.templates, asked.scopedVars);
  const lists = everywhere(environments, (environment) =>
    valuesOf(query.field, asked, context, { ...environment, ...(search === '' ? {} : { search }) }),
  );
  // The same value of two environments is one choice.
  return lists.pipe(map((found) => [...new Map(found.flat().map((each) => [each.value ?? each.text, each])).values()]));
}
