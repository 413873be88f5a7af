import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Combobox, Input, MultiCombobox, useStyles2 } from '@grafana/ui';
import { useId } from 'react';
import { ALL, type Variable } from './useVariables.ts';

interface Props {
  readonly variables: readonly Variable[];
  readonly onChoose: (name: string, value: string | readonly string[]) => void;
}

/** Choices of a dashboard above its panels. */
export function VariableBar({ variables, onChoose }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.bar}>
      {variables
        .filter(({ hidden }) => !hidden)
        .map((variable) => (
          <Choice key={variable.name} variable={variable} onChoose={(value) => onChoose(variable.name, value)} />
        ))}
    </div>
  );
}

function Choice({
  variable,
  onChoose,
}: {
  readonly variable: Variable;
  readonly onChoose: (value: string | readonly string[]) => void;
}) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const { label, type, value, multi, includeAll } = variable;
  const options = [...(includeAll ? [{ value: ALL, label: 'All' }] : []), ...variable.options];
  return (
    <div className={styles.choice}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      {type === 'textbox' ? (
        <Input
          id={id}
          width={40}
          defaultValue={String(value)}
          onBlur={(event) => onChoose(event.currentTarget.value.trim())}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onChoose(event.currentTarget.value.trim());
          }}
        />
      ) : multi ? (
        <MultiCombobox
          id={id}
          width={24}
          options={options}
          value={typeof value === 'string' ? [value] : [...value]}
          onChange={(chosen) => {
            const picked = chosen.map((each) => each.value);
            const only = picked.filter((each) => each !== ALL);
            onChoose(picked.length === 0 || picked.at(-1) === ALL ? ALL : only);
          }}
        />
      ) : (
        <Combobox
          id={id}
          width={24}
          options={options}
          value={String(value)}
          onChange={(chosen) => onChoose(chosen.value)}
        />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 1.5), alignItems: 'center', flex: 1 }),
  choice: css({ display: 'flex', alignItems: 'center' }),
  label: css({
    padding: theme.spacing(0, 1),
    lineHeight: '30px',
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRight: 0,
    borderRadius: `${theme.shape.radius.default} 0 0 ${theme.shape.radius.default}`,
    whiteSpace: 'nowrap',
  }),
});
