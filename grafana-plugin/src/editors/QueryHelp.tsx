import type { QueryEditorHelpProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, Stack, Text } from '@grafana/ui';
import React from 'react';
import { printCode } from '../filters/code/print';
import { DEFAULTS } from '../query/defaults';
import { describeQuery } from '../query/describe';
import { isFiltered, type ObservabilityQuery, type QueryFilter, type RequestsQuery } from '../query/model';

interface Example {
  readonly title: string;
  readonly query: ObservabilityQuery;
}

const requestsWith = (over: Partial<RequestsQuery>): RequestsQuery => ({ refId: 'A', ...DEFAULTS.requests, ...over });

const filter = (field: string, op: QueryFilter['op'], ...values: readonly string[]): QueryFilter => ({
  field,
  op,
  values,
});

/** Questions to begin with, in Explore while there is no query yet. */
export function QueryHelp({ onClickExample }: QueryEditorHelpProps<ObservabilityQuery>) {
  const examples: readonly Example[] = [
    {
      title: t('help.broke', 'What broke what, and which change'),
      query: { refId: 'A', ...DEFAULTS.investigation },
    },
    {
      title: t('help.failed', 'What failed at a provider'),
      query: requestsWith({
        filters: [filter('outcome', 'in', 'provider_error', 'provider_timeout', 'provider_auth', 'routing_exhausted')],
      }),
    },
    {
      title: t('help.changes', 'Requests and configuration changes in one list'),
      query: requestsWith({ withChanges: true }),
    },
    {
      title: t('help.slow', 'What took longer than five seconds'),
      query: requestsWith({ filters: [filter('durationMs', 'gte', '5000')] }),
    },
    {
      title: t('help.fallback', 'What was answered after a failed attempt'),
      query: requestsWith({
        filters: [filter('outcome', 'eq', 'success'), filter('attempt.errorClass', 'exists', 'true')],
      }),
    },
    {
      title: t('help.refused', 'Whom the gateway refused'),
      query: requestsWith({
        filters: [filter('outcome', 'in', 'caller_auth', 'forbidden', 'budget', 'rate_limited', 'guardrail_blocked')],
      }),
    },
  ];
  return (
    <Stack direction="column" gap={1} alignItems="start">
      <Text element="h3" variant="h5">
        {t('help.title', 'Questions to begin with')}
      </Text>
      {examples.map(({ title, query }) => (
        <Stack key={title} direction="column" gap={0} alignItems="start">
          <Button variant="secondary" size="sm" fill="text" onClick={() => onClickExample(query)}>
            {title}
          </Button>
          <Text variant="code" color="secondary">
            {isFiltered(query) ? printCode(query.filters, query.text) : describeQuery(query)}
          </Text>
        </Stack>
      ))}
    </Stack>
  );
}
