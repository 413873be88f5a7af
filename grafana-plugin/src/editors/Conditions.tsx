import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { Alert } from '@grafana/ui';
import React, { useId } from 'react';
import type { FilteredQuery } from '../query/model';
import type { RunContext } from '../run/context';
import { useFields } from './choices';
import { FilterRows } from './FilterRows';
import { joinFilters, QuickFilters, splitFilters } from './QuickFilters';
import { TypedInput } from './TypedInput';

interface Props {
  readonly query: FilteredQuery;
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onChange: (change: Partial<Pick<FilteredQuery, 'filters' | 'text'>>) => void;
}

/** Which requests: the common choices, a text, and filters on any field. */
export function Conditions({ query, range, context, onChange }: Props) {
  const id = useId();
  const { answer, failure } = useFields(context);
  const fields = answer?.fields ?? [];
  const { quick, others } = splitFilters(query.filters);
  const shared = { fields, range, context };
  return (
    <>
      {failure === undefined ? null : <Alert severity="warning" title={failure} />}
      <EditorRow>
        <QuickFilters
          {...shared}
          chosen={quick}
          onChange={(chosen) => onChange({ filters: joinFilters(chosen, others) })}
        />
        <EditorField label={t('conditions.text', 'Text')}>
          <TypedInput
            id={id}
            label={t('conditions.text', 'Text')}
            width={30}
            value={query.text}
            placeholder={t('conditions.textHint', 'in ids, models, messages, …')}
            onCommit={(text) => onChange({ text })}
          />
        </EditorField>
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
