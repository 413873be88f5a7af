import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';
import type { InvestigationQuery } from '../query/model';
import { TypedInput } from './TypedInput';

interface Props {
  readonly query: InvestigationQuery;
  readonly onChange: (change: Partial<InvestigationQuery>) => void;
}

/** A request, or a change, or neither: then the incidents of the range. */
export function InvestigationEditor({ query, onChange }: Props) {
  const id = useId();
  const requestLabel = t('investigation.requestId', 'Request id');
  const changeLabel = t('investigation.changeId', 'Change id');
  return (
    <EditorRow>
      <EditorField label={requestLabel} tooltip={t('investigation.hint', 'Without either: incidents of the range')}>
        <TypedInput
          id={`${id}-request`}
          label={requestLabel}
          width={45}
          value={query.requestId}
          onCommit={(requestId) => onChange({ requestId })}
        />
      </EditorField>
      <EditorField label={changeLabel}>
        <TypedInput
          id={`${id}-change`}
          label={changeLabel}
          width={40}
          value={query.changeId}
          onCommit={(changeId) => onChange({ changeId })}
        />
      </EditorField>
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
