import { css } from '@emotion/css';
import type {
  AnnotationQuery,
  AnnotationSupport,
  CustomVariableSupport,
  DataSourceApi,
  GrafanaTheme2,
} from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { useStyles2 } from '@grafana/ui';
import { type ComponentType, useState } from 'react';
import { useHost } from '../run/contextOf.ts';

type Editor = ComponentType<Readonly<Record<string, unknown>>>;

/** Editors that Grafana shows in the settings of a dashboard: of an annotation and of a variable, both new. */
export function Editors() {
  const styles = useStyles2(getStyles);
  const { datasource } = useHost();
  const support = datasource.annotations as AnnotationSupport<DataQuery>;
  const variables = datasource.variables as CustomVariableSupport<DataSourceApi>;
  const [annotation, setAnnotation] = useState<AnnotationQuery<DataQuery>>(() => {
    const made = { name: 'New annotation', enable: true, iconColor: 'red' };
    return support.prepareAnnotation?.(made) ?? made;
  });
  const [variable, setVariable] = useState<unknown>(() => ({ refId: 'variable', ...variables.getDefaultQuery?.() }));
  const AnnotationEditor = support.QueryEditor as unknown as Editor;
  const VariableEditor = variables.editor as unknown as Editor;
  const common = { datasource, onRunQuery: () => undefined };
  return (
    <div className={styles.page} data-testid="editors">
      <h1>Annotation</h1>
      <AnnotationEditor
        {...common}
        query={annotation.target}
        annotation={annotation}
        onAnnotationChange={setAnnotation}
        onChange={() => undefined}
      />
      <h1>Variable</h1>
      <VariableEditor {...common} query={variable} onChange={setVariable} />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ maxWidth: 880, padding: theme.spacing(3), '& h1': { fontSize: theme.typography.h4.fontSize } }),
});
