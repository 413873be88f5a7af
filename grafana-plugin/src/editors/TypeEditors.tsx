import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { InlineSwitch, MultiCombobox, RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';
import type { Measure } from '../api/contract';
import { MEASURE_WORDS } from '../frames/metrics';
import { CHANGE_ACTIONS, RESOURCE_KINDS } from '../query/changeWords';
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

/** What stands beside the type of the query, so that the filters below keep few lines. */
export function RequestsOptions({ query, onChange }: Pick<Props<RequestsQuery>, 'query' | 'onChange'>) {
  const id = useId();
  return (
    <>
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

interface ChangedProps extends Pick<Props<Changed>, 'query' | 'onChange'> {
  /** Of an annotation, which has none. */
  readonly withoutShape?: boolean;
}

export function MarkersEditor({ query, onChange, withoutShape = false }: ChangedProps) {
  const words = (key: keyof ChangesQuery & keyof Words, label: string) =>
    query.queryType === 'changes' ? (
      <WordsField
        label={label}
        value={query[key]}
        known={key === 'actions' ? CHANGE_ACTIONS : []}
        onChange={(value) => onChange({ [key]: value } as Partial<Changed>)}
      />
    ) : null;
  return (
    <EditorRow>
      <WordsField
        label={t('changes.kinds', 'Kinds')}
        value={query.kinds}
        known={RESOURCE_KINDS}
        onChange={(kinds) => onChange({ kinds })}
      />
      {words('resources', t('changes.resources', 'Resources'))}
      {words('actions', t('changes.actions', 'Actions'))}
      {words('actors', t('changes.actors', 'Actors'))}
      {query.queryType === 'changes' && query.changeId !== '' ? (
        <ChangeIdField value={query.changeId} onChange={(changeId) => onChange({ changeId } as Partial<Changed>)} />
      ) : null}
      <LimitField value={query.limit} max={SERVER_LIMITS.rows} onChange={(limit) => onChange({ limit })} />
      {withoutShape ? null : <ChangedShape query={query} onChange={onChange} />}
    </EditorRow>
  );
}

type Words = Pick<ChangesQuery, 'resources' | 'actions' | 'actors'>;

function ChangedShape({ query, onChange }: Pick<Props<Changed>, 'query' | 'onChange'>) {
  const table = { value: 'table' as const, label: t('changes.table', 'Table') };
  const marks = { value: 'marks' as const, label: t('changes.marks', 'Markers') };
  const rows = { value: 'rows' as const, label: t('changes.rows', 'Log rows') };
  return (
    <EditorField label={t('changes.shape', 'As')}>
      <RadioButtonGroup<'rows' | 'marks' | 'table'>
        options={query.queryType === 'changes' ? [rows, table, marks] : [marks, table]}
        value={query.shape}
        onChange={(shape) => onChange({ shape } as Partial<Changed>)}
      />
    </EditorField>
  );
}

function ChangeIdField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const id = useId();
  const label = t('changes.changeId', 'Only this change');
  return (
    <EditorField label={label}>
      <TypedInput id={id} label={label} width={30} value={value} onCommit={onChange} />
    </EditorField>
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
            { value: 'row' as const, label: t('trace.row', 'Log row') },
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
  /** Words that occur; others may be typed, variables too. */
  readonly known: readonly string[];
  readonly onChange: (value: string[]) => void;
}

function WordsField({ label, value, known, onChange }: WordsProps) {
  const id = useId();
  return (
    <EditorField label={label}>
      <MultiCombobox
        id={id}
        aria-label={label}
        width={30}
        placeholder={t('changes.all', 'All')}
        value={[...value]}
        options={[...new Set([...known, ...value])].map((word) => ({ value: word, label: word }))}
        createCustomValue
        onChange={(chosen) => onChange(chosen.map((option) => option.value))}
      />
    </EditorField>
  );
}
