import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { InlineSwitch, MultiCombobox, RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';
import type { Measure } from '../api/contract';
import { MEASURE_WORDS } from '../frames/metrics';
import { SERVER_LIMITS } from '../query/limits';
import { MEASURES } from '../query/migrate';
import type { ChangesQuery, MarkersQuery, MetricsQuery, RequestsQuery, TraceQuery } from '../query/model';
import type { RunContext } from '../run/context';
import { Conditions } from './Conditions';
import { useFields } from './choices';
import { TypedInput } from './TypedInput';

interface Props<Query> {
  readonly query: Query;
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onChange: (change: Partial<Query>) => void;
}

export function RequestsEditor({ query, range, context, onChange }: Props<RequestsQuery>) {
  const id = useId();
  return (
    <>
      <Conditions query={query} range={range} context={context} onChange={onChange} />
      <EditorRow>
        <LimitField value={query.limit} max={SERVER_LIMITS.rows} onChange={(limit) => onChange({ limit })} />
        <EditorField
          label={t('requests.changes', 'Rows of changes')}
          tooltip={t('requests.changesHint', 'Configuration changes among the requests, for audit readers')}
          htmlFor={id}
        >
          <InlineSwitch
            id={id}
            value={query.withChanges}
            onChange={(event) => onChange({ withChanges: event.currentTarget.checked })}
          />
        </EditorField>
      </EditorRow>
    </>
  );
}

export function MetricsEditor({ query, range, context, onChange }: Props<MetricsQuery>) {
  const id = useId();
  const { answer } = useFields(context);
  const groups = (answer?.fields ?? []).filter(({ groupable }) => groupable);
  return (
    <>
      <EditorRow>
        <EditorField label={t('metrics.measures', 'Measures')}>
          <MultiCombobox<Measure>
            id={`${id}-measures`}
            aria-label={t('metrics.measures', 'Measures')}
            width={40}
            value={[...query.measures]}
            options={MEASURES.map((measure) => ({ value: measure, label: MEASURE_WORDS[measure][0] }))}
            onChange={(chosen) => onChange({ measures: chosen.map(({ value }) => value) })}
          />
        </EditorField>
        <EditorField label={t('metrics.groupBy', 'Group by')}>
          <MultiCombobox
            id={`${id}-groupBy`}
            aria-label={t('metrics.groupBy', 'Group by')}
            width={40}
            value={[...query.groupBy]}
            options={groups.map(({ name, description }) => ({ value: name, label: name, description }))}
            createCustomValue
            onChange={(chosen) => onChange({ groupBy: chosen.map(({ value }) => value) })}
          />
        </EditorField>
        <LimitField
          label={t('metrics.topN', 'Largest groups')}
          value={query.topN}
          max={SERVER_LIMITS.topN}
          onChange={(topN) => onChange({ topN })}
        />
        <EditorField label={t('metrics.shape', 'As')}>
          <RadioButtonGroup
            options={[
              { value: 'series' as const, label: t('metrics.series', 'Time series') },
              { value: 'total' as const, label: t('metrics.total', 'Totals') },
            ]}
            value={query.shape}
            onChange={(shape) => onChange({ shape })}
          />
        </EditorField>
        <EditorField label={t('metrics.markers', 'Change markers')} htmlFor={id}>
          <InlineSwitch
            id={id}
            value={query.withMarkers}
            onChange={(event) => onChange({ withMarkers: event.currentTarget.checked })}
          />
        </EditorField>
      </EditorRow>
      <Conditions query={query} range={range} context={context} onChange={onChange} />
    </>
  );
}

type Changed = ChangesQuery | MarkersQuery;

export function MarkersEditor({ query, onChange }: Pick<Props<Changed>, 'query' | 'onChange'>) {
  return (
    <EditorRow>
      <WordsField label={t('changes.kinds', 'Kinds')} value={query.kinds} onChange={(kinds) => onChange({ kinds })} />
      {query.queryType === 'changes' ? (
        <>
          <WordsField
            label={t('changes.actions', 'Actions')}
            value={query.actions}
            onChange={(actions) => onChange({ actions } as Partial<Changed>)}
          />
          <WordsField
            label={t('changes.actors', 'Actors')}
            value={query.actors}
            onChange={(actors) => onChange({ actors } as Partial<Changed>)}
          />
        </>
      ) : null}
      <LimitField value={query.limit} max={SERVER_LIMITS.rows} onChange={(limit) => onChange({ limit })} />
    </EditorRow>
  );
}

export function TraceEditor({ query, onChange }: Pick<Props<TraceQuery>, 'query' | 'onChange'>) {
  const id = useId();
  return (
    <EditorRow>
      <EditorField label={t('trace.requestId', 'Request id')}>
        <TypedInput
          id={id}
          label={t('trace.requestId', 'Request id')}
          width={45}
          value={query.requestId}
          onCommit={(requestId) => onChange({ requestId })}
        />
      </EditorField>
      <EditorField label={t('trace.shape', 'As')}>
        <RadioButtonGroup
          options={[
            { value: 'both' as const, label: t('trace.both', 'Trace and table') },
            { value: 'trace' as const, label: t('trace.trace', 'Trace') },
            { value: 'table' as const, label: t('trace.table', 'Table') },
          ]}
          value={query.shape}
          onChange={(shape) => onChange({ shape })}
        />
      </EditorField>
    </EditorRow>
  );
}

interface LimitProps {
  readonly label?: string;
  readonly value: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

function LimitField({ label = t('limit.label', 'Limit'), value, max, onChange }: LimitProps) {
  const id = useId();
  const commit = (typed: string) => {
    const number = Math.trunc(Number(typed));
    if (number >= 1) onChange(Math.min(number, max));
  };
  return (
    <EditorField label={label}>
      <TypedInput id={id} label={label} type="number" width={10} value={String(value)} onCommit={commit} />
    </EditorField>
  );
}

interface WordsProps {
  readonly label: string;
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
}

/** Words of which the server has no list, or variables. */
function WordsField({ label, value, onChange }: WordsProps) {
  const id = useId();
  return (
    <EditorField label={label}>
      <MultiCombobox
        id={id}
        aria-label={label}
        width={30}
        placeholder={t('changes.all', 'All')}
        value={[...value]}
        options={value.map((word) => ({ value: word, label: word }))}
        createCustomValue
        onChange={(chosen) => onChange(chosen.map((option) => option.value))}
      />
    </EditorField>
  );
}
