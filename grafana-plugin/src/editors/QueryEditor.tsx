import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { Alert, Combobox, RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';
import { failureOf } from '../api/failure';
import { withType } from '../query/defaults';
import { migrate } from '../query/migrate';
import { isFiltered, type ObservabilityQuery, type QueryType } from '../query/model';
import type { ObservabilitySource } from '../run/source';
import type { ObservabilityOptions } from '../settings';
import { AuditNote } from './AuditNote';
import { Conditions, ModeField } from './Conditions';
import { environmentLoader } from './choices';
import { InvestigationEditor } from './InvestigationEditor';
import { MarkersEditor, MetricsEditor, RequestsOptions, TraceEditor } from './TypeEditors';

type Props = QueryEditorProps<ObservabilitySource, ObservabilityQuery, ObservabilityOptions>;

/** A query of any type. A choice runs it; a text does when it is left. */
export function QueryEditor({ query: saved, onChange, onRunQuery, datasource, range }: Props) {
  const id = useId();
  const { query, failure } = readable(saved);
  if (query === undefined) return <Alert severity="error" title={failure} />;
  const { context } = datasource;
  const change = (changed: ObservabilityQuery) => {
    onChange(changed);
    onRunQuery();
  };
  const types: { value: QueryType; label: string; description: string }[] = [
    { value: 'requests', label: t('type.requests', 'Requests'), description: t('type.requestsHint', 'Request logs') },
    {
      value: 'metrics',
      label: t('type.metrics', 'Metrics'),
      description: t('type.metricsHint', 'Rates, latency, tokens, cost'),
    },
    {
      value: 'markers',
      label: t('type.markers', 'Markers'),
      description: t('type.markersHint', 'When something changed'),
    },
    {
      value: 'changes',
      label: t('type.changes', 'Changes'),
      description: t('type.changesHint', 'What changed and who did it; for audit readers'),
    },
    {
      value: 'trace',
      label: t('type.trace', 'One request'),
      description: t('type.traceHint', 'A request and its attempts'),
    },
    {
      value: 'investigation',
      label: t('type.investigation', 'What broke it'),
      description: t('type.investigationHint', 'Why a request failed, and which change broke it; for audit readers'),
    },
  ];
  return (
    <EditorRows>
      <EditorRow>
        <EditorField label={t('query.type', 'Show')}>
          <RadioButtonGroup
            options={types}
            value={query.queryType}
            onChange={(type) => change(withType(query, type))}
          />
        </EditorField>
        <EditorField label={t('query.environment', 'Environment')}>
          <Combobox
            id={id}
            aria-label={t('query.environment', 'Environment')}
            width={30}
            placeholder={context.environment ?? t('query.everyEnvironment', 'All')}
            value={query.environment === '' ? null : query.environment}
            options={environmentLoader(context)}
            createCustomValue
            isClearable
            onChange={(chosen) => change({ ...query, environment: chosen?.value ?? '' })}
          />
        </EditorField>
        {isFiltered(query) ? (
          <ModeField query={query} onChange={(changed) => change({ ...query, ...changed })} />
        ) : null}
        {query.queryType === 'requests' ? (
          <RequestsOptions query={query} onChange={(changed) => change({ ...query, ...changed })} />
        ) : null}
      </EditorRow>
      <TypeEditor query={query} range={range} datasource={datasource} onChange={change} />
    </EditorRows>
  );
}

function TypeEditor({
  query,
  range,
  datasource,
  onChange,
}: Pick<Props, 'query' | 'range' | 'datasource' | 'onChange'>) {
  const { context } = datasource;
  switch (query.queryType) {
    case 'requests':
      return (
        <Conditions
          query={query}
          range={range}
          context={context}
          onChange={(change) => onChange({ ...query, ...change })}
        />
      );
    case 'metrics':
      return (
        <MetricsEditor
          query={query}
          range={range}
          context={context}
          onChange={(change) => onChange({ ...query, ...change })}
        />
      );
    case 'changes':
    case 'markers':
      return (
        <>
          {query.queryType === 'changes' ? <AuditNote context={context} /> : null}
          <MarkersEditor query={query} onChange={(change) => onChange({ ...query, ...change } as ObservabilityQuery)} />
        </>
      );
    case 'trace':
      return <TraceEditor query={query} onChange={(change) => onChange({ ...query, ...change })} />;
    case 'investigation':
      return (
        <>
          <AuditNote context={context} />
          <InvestigationEditor
            query={query}
            range={range}
            context={context}
            onChange={(change) => onChange({ ...query, ...change })}
          />
        </>
      );
  }
}

type Readable =
  | { readonly query: ObservabilityQuery; readonly failure?: never }
  | { readonly query?: never; readonly failure: string };

function readable(saved: ObservabilityQuery): Readable {
  try {
    return { query: migrate(saved) };
  } catch (error) {
    return { failure: failureOf(error).message };
  }
}
