import type { AnnotationQuery, QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { Combobox, RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';
import { prepareAnnotation } from '../annotations/prepare';
import { withType } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import type { ObservabilitySource } from '../run/source';
import type { ObservabilityOptions } from '../settings';
import { AuditNote } from './AuditNote';
import { environmentLoader } from './choices';
import { MarkersEditor } from './TypeEditors';

type Annotation = AnnotationQuery<ObservabilityQuery>;

interface Props extends QueryEditorProps<ObservabilitySource, ObservabilityQuery, ObservabilityOptions> {
  readonly annotation?: Annotation;
  readonly onAnnotationChange?: (annotation: Annotation) => void;
}

/** Which changes a dashboard draws over its charts. */
export function AnnotationEditor({ annotation: saved, onAnnotationChange, datasource }: Props) {
  const id = useId();
  if (saved === undefined) return null;
  const annotation = prepareAnnotation(saved);
  const query = annotation.target;
  if (query?.queryType !== 'markers' && query?.queryType !== 'changes') return null;
  const change = (target: ObservabilityQuery) => onAnnotationChange?.({ ...annotation, target });
  return (
    <EditorRows>
      <EditorRow>
        <EditorField
          label={t('annotation.type', 'Draw')}
          tooltip={t(
            'annotation.typeHint',
            'Changes with names are only drawn for audit readers; others see none of them',
          )}
        >
          <RadioButtonGroup
            options={[
              { value: 'markers' as const, label: t('annotation.markers', 'Neutral markers') },
              { value: 'changes' as const, label: t('annotation.changes', 'Changes with names') },
            ]}
            value={query.queryType}
            onChange={(type) => change(withType(query, type))}
          />
        </EditorField>
        <EditorField label={t('annotation.environment', 'Environment')}>
          <Combobox
            id={id}
            aria-label={t('annotation.environment', 'Environment')}
            width={30}
            placeholder={t('annotation.everyEnvironment', 'All')}
            value={query.environment === '' ? null : query.environment}
            options={environmentLoader(datasource.context)}
            createCustomValue
            isClearable
            onChange={(chosen) => change({ ...query, environment: chosen?.value ?? '' })}
          />
        </EditorField>
      </EditorRow>
      {query.queryType === 'changes' ? <AuditNote context={datasource.context} /> : null}
      <MarkersEditor
        withoutShape
        query={query}
        onChange={(changed) => change({ ...query, ...changed } as ObservabilityQuery)}
      />
    </EditorRows>
  );
}
