import type { ApiDeps } from '../context.ts';
import { askedBy, askingOf } from '../context.ts';
import { getAnswer, metricsAnswer, searchAnswer, valuesAnswer, volumeAnswer } from '../contract/answers.ts';
import { getBody, metricsBody, searchBody, valuesBody, volumeBody } from '../contract/bodies.ts';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import { findField, isListable } from '../query/fields.ts';
import { checkRange } from '../query/range.ts';
import { checkGrouping, checkPoints, checkSelection, narrowScope } from '../query/selection.ts';
import type { ApiRouter } from '../router.ts';
import { seriesLane, valuesLane } from '../run/laneOf.ts';
import { searchPage, searchText } from '../search/search.ts';

const RUN_ERRORS = [
  'too_many_queries',
  'query_timeout',
  'store_unavailable',
  'stopping',
  'query_invalid',
  'environment_unknown',
  'environment_none',
  'requests_off',
] as const satisfies readonly ApiErrorCode[];
const RANGE_ERRORS = ['range_reversed', 'range_too_long', 'time_not_millis'] as const;
const FILTER_ERRORS = [
  'field_unknown',
  'field_hidden',
  'field_hashed',
  'operator_not_applicable',
  'regex_invalid',
] as const satisfies readonly ApiErrorCode[];
const SELECTION_ERRORS = [...RUN_ERRORS, ...RANGE_ERRORS, ...FILTER_ERRORS] as const;
const SERIES_ERRORS = [
  ...SELECTION_ERRORS,
  'field_not_groupable',
  'buckets_too_many',
  'points_too_many',
] as const satisfies readonly ApiErrorCode[];

/** Routes that ask the store one question each. */
export function addRequestRoutes(router: ApiRouter, deps: ApiDeps): void {
  const { store, environments, run, sender } = deps;

  router.post(
    {
      path: '/requests/search',
      summary: 'Requests that fulfil every condition, newest or oldest first, page by page',
      body: searchBody,
      answer: searchAnswer,
      errors: [...SELECTION_ERRORS, 'cursor_invalid', 'cursor_mismatch'],
    },
    async (body, c) => {
      sender.checkRoom();
      const page = await searchPage(body, askingOf(c.var.reader, environments), askedBy(c), deps);
      return sender.json(c, searchText(page));
    },
  );

  router.post(
    {
      path: '/requests/volume',
      summary: 'Number of requests in each bucket of time, by group',
      body: volumeBody,
      answer: volumeAnswer,
      errors: SERIES_ERRORS,
    },
    async (body, c) => {
      sender.checkRoom();
      const asking = askingOf(c.var.reader, environments);
      const { intervalMs } = body;
      const query = { ...checkSelection(body, asking), ...checkGrouping(body, asking.scope), intervalMs };
      checkPoints({ ...query, groups: query.groupBy.length === 0 ? 1 : query.topN + 1, measures: 1 });
      const answer = await run({ ...askedBy(c), name: 'volume', lane: seriesLane(query) }, (signal) =>
        store.volume(query, signal),
      );
      return sender.json(c, [JSON.stringify(answer)]);
    },
  );

  router.post(
    {
      path: '/requests/metrics',
      summary: 'Rates, shares, quantiles, tokens and cost in each bucket of time, by group',
      body: metricsBody,
      answer: metricsAnswer,
      errors: SERIES_ERRORS,
    },
    async (body, c) => {
      sender.checkRoom();
      const asking = askingOf(c.var.reader, environments);
      const { intervalMs, exact } = body;
      const measures = [...new Set(body.measures)];
      const query = {
        ...checkSelection(body, asking),
        ...checkGrouping(body, asking.scope),
        ...(intervalMs === undefined ? {} : { intervalMs }),
        measures,
        exact,
      };
      checkPoints({ ...query, groups: query.groupBy.length === 0 ? 1 : query.topN + 1, measures: measures.length });
      const answer = await run({ ...askedBy(c), name: 'metrics', lane: seriesLane(query) }, (signal) =>
        store.metrics(query, signal),
      );
      return sender.json(c, [JSON.stringify(answer)]);
    },
  );

  router.post(
    {
      path: '/requests/get',
      summary: 'Every request of one id, with all attempts',
      description: 'Ids are chosen by callers, so that one may have several requests; the newest comes first.',
      body: getBody,
      answer: getAnswer,
      errors: RUN_ERRORS,
    },
    async ({ environment, requestId }, c) => {
      sender.checkRoom();
      const scope = narrowScope(environment, askingOf(c.var.reader, environments));
      const [id = environment] = scope.environments;
      const page = await run({ ...askedBy(c), name: 'get', lane: 'light' }, (signal) =>
        store.get({ scope, environment: id, requestId }, signal),
      );
      return sender.json(c, ['{"requests":', page.requests, ',"stats":', JSON.stringify(page.stats), '}']);
    },
  );

  router.post(
    {
      path: '/requests/values',
      summary: 'Values that a field has in a range, for builders and variables',
      body: valuesBody,
      answer: valuesAnswer,
      errors: [...RUN_ERRORS, ...RANGE_ERRORS, 'field_unknown', 'field_hidden', 'field_not_listable'],
    },
    async ({ from, to, environment, field: name, search, limit }, c) => {
      sender.checkRoom();
      checkRange({ from, to });
      const asking = askingOf(c.var.reader, environments);
      const scope = narrowScope(environment, asking);
      const field = findField(name, 'field', scope);
      if (!isListable(field)) {
        throw new ApiError(
          'field_not_listable',
          `\`${field}\` has too many values for a list`,
          'use a search with a filter on it',
        );
      }
      const query = { scope, field, from, to, limit, ...(search === undefined || search === '' ? {} : { search }) };
      const answer = await run({ ...askedBy(c), name: 'values', lane: valuesLane(query) }, (signal) =>
        store.values(query, signal),
      );
      return sender.json(c, [JSON.stringify(answer)]);
    },
  );
}
