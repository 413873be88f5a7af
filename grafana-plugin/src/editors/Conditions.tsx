import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { Alert, RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';
import type { FieldDescription } from '../api/contract';
import { printCode } from '../filters/code/print';
import type { FilteredQuery } from '../query/model';
import type { RunContext } from '../run/context';
import { CodeInput } from './CodeInput';
import { useFields } from './choices';
import { FilterRows } from './FilterRows';
import { joinFilters, QuickFilters, splitFilters } from './QuickFilters';
import { TypedInput } from './TypedInput';

interface Props {
  readonly query: FilteredQuery;
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onChange: (change: Partial<Pick<FilteredQuery, 'filters' | 'text' | 'mode'>>) => void;
}

/** Until the server has told the fields. */
const NONE: readonly FieldDescription[] = [];

/** Which requests, by choices or as code; both edit the same filters, so that one may go to and fro. */
export function Conditions({ query, range, context, onChange }: Props) {
  const { answer, failure } = useFields(context);
  const fields = answer?.fields ?? NONE;
  return (
    <>
      {failure === undefined ? null : <Alert severity="warning" title={failure} />}
      {query.mode === 'builder' ? (
        <Builder {...{ query, range, context, fields, onChange }} />
      ) : (
        <EditorRow>
          <EditorField label={t('code.label', 'Filters as code')} width="100%">
            <CodeInput
              code={printCode(query.filters, query.text)}
              fields={fields}
              range={range}
              context={context}
              onCommit={({ filters, text }) => onChange({ filters, text })}
            />
          </EditorField>
        </EditorRow>
      )}
    </>
  );
}

export function ModeField({ query, onChange }: Pick<Props, 'query' | 'onChange'>) {
  return (
    <EditorField label={t('conditions.mode', 'Filters by')}>
      <RadioButtonGroup
        options={[
          { value: 'builder' as const, label: t('conditions.builder', 'Builder') },
          { value: 'code' as const, label: t('conditions.code', 'Code') },
        ]}
        value={query.mode}
        onChange={(mode) => onChange({ mode })}
      />
    </EditorField>
  );
}

/** The common choices, a text, and filters on any field. */
function Builder({
  query,
  range,
  context,
  fields,
  onChange,
}: Props & { readonly fields: readonly FieldDescription[] }) {
  const id = useId();
  const { quick, others } = splitFilters(query.filters);
  const shared = { fields, range, context };
  return (
    <>
      <EditorRow>
        <QuickFilters
          {...shared}
          chosen={quick}
          onChange={(chosen) => onChange({ filters: joinFilters(chosen, others) })}
        >
          <EditorField label={t('conditions.text', 'Text')}>
            <TypedInput
              id={id}
              label={t('conditions.text', 'Text')}
              width={24}
              value={query.text}
              placeholder={t('conditions.textHint', 'in ids, models, messages, …')}
              onCommit={(text) => onChange({ text })}
            />
          </EditorField>
        </QuickFilters>
      </EditorRow>
      <EditorRow>
        <EditorField label={t('conditions.filters', 'Filters')}>
          <FilterRows
            {...shared}
            filters={others}
            onChange={(filters) => onChange({ filters: joinFilters(quick, filters) })}
          />
        </EditorField>
      </EditorRow>
    </>
  );
}
