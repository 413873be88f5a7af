import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Combobox, InlineField, RadioButtonGroup, Stack } from '@grafana/ui';
import React from 'react';
import type { ObservabilityQuery } from '../query/model';
import type { ObservabilitySource } from '../run/source';
import type { ObservabilityOptions } from '../settings';
import { readVariable, type VariableQuery } from '../variables/model';
import { environmentLoader, useFields } from './choices';
import { TypedInput } from './TypedInput';

type Props = QueryEditorProps<ObservabilitySource, ObservabilityQuery, ObservabilityOptions, VariableQuery>;

const LABEL = 16;

/** What a variable of a dashboard can be chosen from. */
export function VariableEditor({ query: saved, onChange, datasource }: Props) {
  const query = readVariable(saved);
  const { answer } = useFields(datasource.context);
  const fields = (answer?.fields ?? []).filter(({ listable }) => listable);
  const change = (changed: Partial<VariableQuery>) => onChange({ ...query, ...changed });
  return (
    <Stack direction="column" gap={0.5}>
      <InlineField label={t('variable.kind', 'Choose from')} labelWidth={LABEL}>
        <RadioButtonGroup
          options={[
            { value: 'values' as const, label: t('variable.values', 'Values of a field') },
            { value: 'environments' as const, label: t('variable.environments', 'Environments') },
          ]}
          value={query.kind}
          onChange={(kind) => change({ kind })}
        />
      </InlineField>
      {query.kind === 'environments' ? null : (
        <>
          <InlineField label={t('variable.field', 'Field')} labelWidth={LABEL}>
            <Combobox
              aria-label={t('variable.field', 'Field')}
              width={40}
              value={query.field}
              options={fields.map(({ name, description }) => ({ value: name, label: name, description }))}
              createCustomValue
              onChange={({ value }) => change({ field: value })}
            />
          </InlineField>
          <InlineField label={t('variable.environment', 'Environment')} labelWidth={LABEL}>
            <Combobox
              aria-label={t('variable.environment', 'Environment')}
              width={40}
              placeholder={t('variable.everyEnvironment', 'All')}
              value={query.environment === '' ? null : query.environment}
              options={environmentLoader(datasource.context)}
              createCustomValue
              isClearable
              onChange={(chosen) => change({ environment: chosen?.value ?? '' })}
            />
          </InlineField>
          <InlineField label={t('variable.search', 'Containing')} labelWidth={LABEL}>
            <TypedInput
              label={t('variable.search', 'Containing')}
              width={40}
              value={query.search}
              onCommit={(search) => change({ search })}
            />
          </InlineField>
        </>
      )}
    </Stack>
  );
}
