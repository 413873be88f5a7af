import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { MultiCombobox, Stack } from '@grafana/ui';
import React, { useId } from 'react';
import type { FieldDescription } from '../api/contract';
import type { QueryFilter } from '../query/model';
import type { RunContext } from '../run/context';
import { valueLoader } from './choices';

/** What most queries are about: one choice each, with `one of` behind it. */
export const QUICK_FIELDS = [
  'outcome',
  'status',
  'requestedModel',
  'servedModel',
  'apiKeyName',
  'guardrail.name',
] as const;
type QuickField = (typeof QUICK_FIELDS)[number];

const isQuick = (filter: QueryFilter) =>
  QUICK_FIELDS.some((field) => field === filter.field) && (filter.op === 'in' || filter.op === 'eq');

/** Filters that have a choice of their own, and the others. Of two on one field the second is among the others. */
export function splitFilters(filters: readonly QueryFilter[]): {
  readonly quick: ReadonlyMap<string, readonly string[]>;
  readonly others: readonly QueryFilter[];
} {
  const quick = new Map<string, readonly string[]>();
  const others: QueryFilter[] = [];
  for (const filter of filters) {
    if (isQuick(filter) && !quick.has(filter.field)) quick.set(filter.field, filter.values);
    else others.push(filter);
  }
  return { quick, others };
}

export function joinFilters(
  quick: ReadonlyMap<string, readonly string[]>,
  others: readonly QueryFilter[],
): QueryFilter[] {
  const chosen = [...quick].filter(([, values]) => values.length > 0);
  return [...chosen.map(([field, values]): QueryFilter => ({ field, op: 'in', values })), ...others];
}

interface Props {
  readonly chosen: ReadonlyMap<string, readonly string[]>;
  readonly fields: readonly FieldDescription[];
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onChange: (chosen: ReadonlyMap<string, readonly string[]>) => void;
}

export function QuickFilters({ chosen, fields, range, context, onChange }: Props) {
  const id = useId();
  const words: Record<QuickField, string> = {
    outcome: t('quick.outcome', 'Outcome'),
    status: t('quick.status', 'Status'),
    requestedModel: t('quick.requestedModel', 'Requested model'),
    servedModel: t('quick.servedModel', 'Served model'),
    apiKeyName: t('quick.apiKeyName', 'Caller key'),
    'guardrail.name': t('quick.guardrail', 'Guardrail'),
  };
  return (
    <Stack gap={1} wrap="wrap">
      {QUICK_FIELDS.map((field) => (
        <EditorField key={field} label={words[field]}>
          <MultiCombobox
            id={`${id}-${field}`}
            aria-label={words[field]}
            width="auto"
            minWidth={18}
            maxWidth={40}
            placeholder={t('quick.all', 'All')}
            value={[...(chosen.get(field) ?? [])]}
            options={valueLoader(
              fields.find(({ name }) => name === field),
              range,
              context,
            )}
            createCustomValue
            onChange={(options) =>
              onChange(
                new Map(chosen).set(
                  field,
                  options.map(({ value }) => value),
                ),
              )
            }
          />
        </EditorField>
      ))}
    </Stack>
  );
}
