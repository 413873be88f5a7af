import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { MultiCombobox, Stack } from '@grafana/ui';
import React, { type ReactNode, useId } from 'react';
import type { FieldDescription } from '../api/contract';
import type { QueryFilter } from '../query/model';
import type { RunContext } from '../run/context';
import { valueLoader } from './choices';
import { TypedInput } from './TypedInput';

/** What most queries are about: one choice each, with `one of` behind it. */
export const QUICK_FIELDS = [
  'outcome',
  'status',
  'requestedModel',
  'servedModel',
  'apiKeyName',
  'errorClass',
  'guardrail.name',
] as const;
type QuickField = (typeof QUICK_FIELDS)[number];

/** Numbers that most queries only ask to be large. */
export const LEAST_FIELDS = ['durationMs', 'tokens.input', 'tokens.output'] as const;
type LeastField = (typeof LEAST_FIELDS)[number];

const isLeast = (field: string) => LEAST_FIELDS.some((each) => each === field);

const isQuick = ({ field, op, values }: QueryFilter) =>
  isLeast(field)
    ? op === 'gte' && values.length === 1
    : QUICK_FIELDS.some((each) => each === field) && (op === 'in' || op === 'eq');

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
  const filterOf = ([field, values]: readonly [string, readonly string[]]): QueryFilter => ({
    field,
    op: isLeast(field) ? 'gte' : 'in',
    values,
  });
  return [...chosen.map(filterOf), ...others];
}

interface Props {
  readonly chosen: ReadonlyMap<string, readonly string[]>;
  readonly fields: readonly FieldDescription[];
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onChange: (chosen: ReadonlyMap<string, readonly string[]>) => void;
  /** What stands behind them in the same row. */
  readonly children: ReactNode;
}

export function QuickFilters({ chosen, fields, range, context, onChange, children }: Props) {
  const id = useId();
  const words: Record<QuickField, string> = {
    outcome: t('quick.outcome', 'Outcome'),
    status: t('quick.status', 'Status'),
    requestedModel: t('quick.requestedModel', 'Requested model'),
    servedModel: t('quick.servedModel', 'Served model'),
    apiKeyName: t('quick.apiKeyName', 'Caller key'),
    errorClass: t('quick.errorClass', 'Error class'),
    'guardrail.name': t('quick.guardrail', 'Guardrail'),
  };
  const leastWords: Record<LeastField, string> = {
    durationMs: t('quick.latency', 'Latency ≥ ms'),
    'tokens.input': t('quick.tokensIn', 'Tokens in ≥'),
    'tokens.output': t('quick.tokensOut', 'Tokens out ≥'),
  };
  const set = (field: string, values: readonly string[]) => onChange(new Map(chosen).set(field, values));
  return (
    <Stack gap={1} wrap="wrap">
      {QUICK_FIELDS.map((field) => (
        <EditorField key={field} label={words[field]}>
          <MultiCombobox
            id={`${id}-${field}`}
            aria-label={words[field]}
            width="auto"
            minWidth={14}
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
              set(
                field,
                options.map(({ value }) => value),
              )
            }
          />
        </EditorField>
      ))}
      {LEAST_FIELDS.map((field) => (
        <EditorField key={field} label={leastWords[field]}>
          <TypedInput
            id={`${id}-${field}`}
            label={leastWords[field]}
            width={11}
            value={chosen.get(field)?.[0] ?? ''}
            placeholder={t('quick.any', 'Any')}
            onCommit={(typed) => set(field, typed.trim() === '' ? [] : [typed.trim()])}
          />
        </EditorField>
      ))}
      {children}
    </Stack>
  );
}
