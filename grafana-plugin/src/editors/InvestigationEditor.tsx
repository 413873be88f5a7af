import type { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { MultiCombobox, RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';
import type { InvestigationQuery, Subject } from '../query/model';
import { startTimeOf } from '../query/startTime';
import type { RunContext } from '../run/context';
import { useFields, valueLoader } from './choices';
import { TypedInput } from './TypedInput';

interface Props {
  readonly query: InvestigationQuery;
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onChange: (change: Partial<InvestigationQuery>) => void;
}

/** What is to be explained, and as what. */
export function InvestigationEditor({ query, range, context, onChange }: Props) {
  const subjects: { value: Subject; label: string; description: string }[] = [
    {
      value: 'incident',
      label: t('investigation.incident', 'Incidents'),
      description: t('investigation.incidentHint', 'Times of trouble in the range, and what may have caused them'),
    },
    {
      value: 'request',
      label: t('investigation.request', 'A request'),
      description: t('investigation.requestHint', 'Why it ended as it did, and what changed before'),
    },
    {
      value: 'change',
      label: t('investigation.change', 'A change'),
      description: t('investigation.changeHint', 'What it did to the requests that it touches'),
    },
  ];
  return (
    <EditorRow>
      <EditorField label={t('investigation.about', 'Explain')}>
        <RadioButtonGroup options={subjects} value={query.about} onChange={(about) => onChange({ about })} />
      </EditorField>
      <SubjectFields query={query} range={range} context={context} onChange={onChange} />
      <EditorField label={t('investigation.shape', 'As')}>
        <RadioButtonGroup
          options={[
            { value: 'readable' as const, label: t('investigation.readable', 'To read') },
            { value: 'table' as const, label: t('investigation.table', 'Table') },
          ]}
          value={query.shape}
          onChange={(shape) => onChange({ shape })}
        />
      </EditorField>
    </EditorRow>
  );
}

function SubjectFields({ query, range, context, onChange }: Props) {
  const id = useId();
  switch (query.about) {
    case 'request': {
      const label = t('investigation.requestId', 'Request id');
      return (
        <EditorField label={label} tooltip={t('investigation.newest', 'Empty: the newest request that failed')}>
          <TypedInput
            id={id}
            label={label}
            width={45}
            value={query.requestId}
            placeholder={t('investigation.newestFailed', 'the newest that failed')}
            onCommit={(requestId) => onChange({ requestId })}
          />
        </EditorField>
      );
    }
    case 'change': {
      const label = t('investigation.changeId', 'Change id');
      return (
        <EditorField
          label={label}
          tooltip={t('investigation.changeIdHint', 'Markers and rows of changes lead here with it')}
        >
          <TypedInput
            id={id}
            label={label}
            width={40}
            value={query.changeId}
            placeholder={t('investigation.noChange', 'follow a marker, or enter one')}
            onCommit={(changeId) => onChange({ changeId })}
          />
        </EditorField>
      );
    }
    case 'incident':
      return <IncidentFields query={query} range={range} context={context} onChange={onChange} />;
  }
}

function IncidentFields({ query, range, context, onChange }: Props) {
  const id = useId();
  const { answer } = useFields(context);
  const models = answer?.fields.find(({ name }) => name === 'requestedModel');
  const label = t('investigation.start', 'Began at');
  return (
    <>
      <EditorField
        label={label}
        tooltip={t(
          'investigation.startHint',
          'A time in the range, as 2026-11-26 04:58, milliseconds, now-10m or a variable. Empty: all incidents of the range',
        )}
        invalid={!isStart(query.start)}
        error={t('investigation.noTime', 'This is no time')}
      >
        <TypedInput
          id={id}
          label={label}
          width={24}
          value={query.start}
          placeholder={t('investigation.anyTime', 'any time of the range')}
          onCommit={(start) => onChange({ start })}
        />
      </EditorField>
      <EditorField label={t('investigation.models', 'Models')}>
        <MultiCombobox
          id={`${id}-models`}
          aria-label={t('investigation.models', 'Models')}
          width={30}
          placeholder={t('investigation.everyModel', 'All')}
          value={[...query.models]}
          options={valueLoader(models, range, context)}
          createCustomValue
          onChange={(chosen) => onChange({ models: chosen.map(({ value }) => value) })}
        />
      </EditorField>
    </>
  );
}

/** Whether it may be a start. What a variable holds is known only when the query runs, which says it in full. */
function isStart(typed: string): boolean {
  if (typed.includes('$') || typed.includes('[[')) return true;
  try {
    startTimeOf(typed, 'browser');
    return true;
  } catch {
    return false;
  }
}
