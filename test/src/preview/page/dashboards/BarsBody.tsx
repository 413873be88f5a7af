import { css } from '@emotion/css';
import { type DataFrame, FieldType, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { PanelJson } from './dashboardJson.ts';

interface Props {
  readonly panel: PanelJson;
  readonly frames: readonly DataFrame[];
  readonly height: number;
}

/** Lying bars with their names, in place of Grafana's bar chart, which is in none of its packages. */
export function BarsBody({ panel, frames: [frame], height }: Props) {
  const styles = useStyles2(getStyles);
  const names = frame?.fields.find(({ name, type }) => name === panel.options?.xField || type === FieldType.string);
  const numbers = frame?.fields.find(({ type }) => type === FieldType.number);
  if (names === undefined || numbers === undefined) return null;
  const rows = names.values
    .map((name, at) => ({ name: String(name ?? '(none)'), value: Number(numbers.values[at] ?? 0) }))
    .sort((a, b) => b.value - a.value);
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
    <ol className={styles.list} style={{ maxHeight: height }} tabIndex={0} aria-label={panel.title ?? 'Bars'}>
      {rows.map(({ name, value }) => (
        <li key={name} className={styles.row}>
          <span className={styles.name} title={name} dir="auto">
            {name}
          </span>
          <span className={styles.track}>
            <span className={styles.bar} style={{ width: `${(100 * value) / most}%` }} />
          </span>
          <span className={styles.value}>{value}</span>
        </li>
      ))}
    </ol>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: theme.spacing(0, 1), overflow: 'auto' }),
  row: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), padding: theme.spacing(0.5, 0) }),
  name: css({ width: 140, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', flexShrink: 0 }),
  track: css({ flex: 1 }),
  bar: css({
    display: 'block',
    height: 16,
    borderRadius: theme.shape.radius.default,
    background: theme.visualization.getColorByName('blue'),
    opacity: 0.8,
  }),
  value: css({ width: 40, textAlign: 'right', fontVariantNumeric: 'tabular-nums' }),
});
