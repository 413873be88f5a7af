import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, Combobox, MultiCombobox, Stack } from '@grafana/ui';
import React from 'react';
import type { FieldDescription, FilterOperator } from '../api/contract';
import { OPERATOR_WORDS } from '../query/describe';
import { OPERATORS } from '../query/migrate';
import type { QueryFilter } from '../query/model';
import type { RunContext } from '../run/context';
import { valueLoader } from './choices';

interface Props {
  readonly filters: readonly QueryFilter[];
  /** None until the server has told them. */
  readonly fields: readonly FieldDescription[];
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onChange: (filters: readonly QueryFilter[]) => void;
}

/** Conditions, one a row: field, operator, and one value or several. */
export function FilterRows({ filters, fields, range, context, onChange }: Props) {
  const replace = (at: number, filter: QueryFilter) => onChange(filters.map((each, i) => (i === at ? filter : each)));
  const add = () => onChange([...filters, { field: 'durationMs', op: 'gt', values: [] }]);
  return (
    <Stack direction="column" gap={0.5} alignItems="start">
      {filters.map((filter, at) => (
        <FilterRow
          // biome-ignore lint/suspicious/noArrayIndexKey: filters have nothing else, and their order does not change
          key={at}
          filter={filter}
          fields={fields}
          range={range}
          context={context}
          onChange={(changed) => replace(at, changed)}
          onRemove={() => onChange(filters.filter((each) => each !== filter))}
        />
      ))}
      <Button variant="secondary" size="sm" icon="plus" onClick={add}>
        {t('filters.add', 'Add a filter')}
      </Button>
    </Stack>
  );
}

interface RowProps extends Omit<Props, 'filters' | 'onChange'> {
  readonly filter: QueryFilter;
  readonly onChange: (filter: QueryFilter) => void;
  readonly onRemove: () => void;
}

function FilterRow({ filter, fields, range, context, onChange, onRemove }: RowProps) {
  const { field, op, values } = filter;
  const known = fields.find(({ name }) => name === field);
  const operators = known?.operators ?? OPERATORS;
  const options = valueLoader(known, range, context);
  const changeField = (name: string) => {
    const next = fields.find((each) => each.name === name);
    const fits = next === undefined || next.operators.includes(op);
    onChange({ field: name, op: fits ? op : (next.operators[0] ?? 'eq'), values: [] });
  };
  const changeOperator = (next: FilterOperator) =>
    onChange({ field, op: next, values: isList(next) ? values : values.slice(0, 1) });
  return (
    <Stack gap={0.5} alignItems="center">
      <Combobox
        aria-label={t('filters.field', 'Field')}
        width={26}
        value={field}
        options={fields.map(({ name, description }) => ({ value: name, label: name, description }))}
        createCustomValue
        onChange={({ value }) => changeField(value)}
      />
      <Combobox<FilterOperator>
        aria-label={t('filters.operator', 'Operator')}
        width={14}
        value={op}
        options={operators.map((each) => ({ value: each, label: OPERATOR_WORDS[each] }))}
        onChange={({ value }) => changeOperator(value)}
      />
      {isList(op) ? (
        <MultiCombobox
          aria-label={t('filters.values', 'Values')}
          width={40}
          value={[...values]}
          options={options}
          createCustomValue
          onChange={(chosen) => onChange({ field, op, values: chosen.map(({ value }) => value) })}
        />
      ) : (
        <Combobox
          aria-label={t('filters.value', 'Value')}
          width={40}
          value={values[0] ?? null}
          options={op === 'exists' ? EXISTS : options}
          createCustomValue
          isClearable
          onChange={(chosen) => onChange({ field, op, values: chosen === null ? [] : [chosen.value] })}
        />
      )}
      <Button
        variant="secondary"
        size="sm"
        icon="times"
        aria-label={t('filters.remove', 'Remove the filter')}
        onClick={onRemove}
      />
    </Stack>
  );
}

const isList = (op: FilterOperator) => op === 'in' || op === 'nin';

const EXISTS = ['true', 'false'].map((value) => ({ value, label: value }));
