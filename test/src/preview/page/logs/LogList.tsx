import { css, cx } from '@emotion/css';
import { dateTimeFormat, findMatchesInText, type GrafanaTheme2, LogLevel } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { LogDetails, type RowActions } from './LogDetails.tsx';
import type { LogRow } from './logRows.ts';

interface Props extends RowActions {
  readonly rows: readonly LogRow[];
  /** Words that are marked. */
  readonly searchWords?: readonly string[];
}

/** Rows of Grafana's log list in a plain form: time, level, sentence; a click shows what is known. */
export function LogList({ rows, searchWords = [], ...actions }: Props) {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string) =>
    setOpen((shown) => {
      const next = new Set(shown);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  return (
    <ol className={styles.list} aria-label="Log lines">
      {rows.map((row) => (
        <li key={row.key} data-level={row.level}>
          <button
            type="button"
            className={cx(styles.row, styles.levels[row.level], open.has(row.key) && styles.open)}
            aria-expanded={open.has(row.key)}
            onClick={() => toggle(row.key)}
          >
            <time className={styles.time}>{dateTimeFormat(row.time, { format: 'HH:mm:ss.SSS' })}</time>
            <span className={styles.level}>{row.level}</span>
            <span className={styles.body} title={row.body} dir="auto">
              <Marked text={row.body} words={searchWords} />
            </span>
          </button>
          {open.has(row.key) && <LogDetails row={row} {...actions} />}
        </li>
      ))}
    </ol>
  );
}

function Marked({ text, words }: { readonly text: string; readonly words: readonly string[] }) {
  const [word = ''] = words;
  // Words are regular expressions with flags in front, which Grafana reads by this function, too.
  const [found] = findMatchesInText(text, word);
  if (found === undefined) return text;
  return (
    <>
      {text.slice(0, found.start)}
      <mark>{found.text}</mark>
      {text.slice(found.end)}
    </>
  );
}

/** Colours of Grafana's levels. */
export const LEVEL_COLOURS: Readonly<Record<string, string>> = {
  critical: '#705DA0',
  error: '#E24D42',
  warning: '#EAB839',
  info: '#7EB26D',
  debug: '#1F78C1',
  trace: '#6ED0E0',
};

const getStyles = (theme: GrafanaTheme2) => {
  const level = (colour: string) => css({ '&::before': { background: colour } });
  const unknown = level(theme.colors.text.disabled);
  // A notice is what Grafana takes for information; here it is a change among requests.
  const levels = Object.fromEntries(
    Object.values(LogLevel).map((name) => [
      name,
      LEVEL_COLOURS[name] === undefined ? unknown : level(LEVEL_COLOURS[name]),
    ]),
  ) as Record<LogLevel, string>;
  return {
    levels,
    list: css({
      listStyle: 'none',
      margin: 0,
      padding: 0,
      fontFamily: theme.typography.fontFamilyMonospace,
      fontSize: theme.typography.bodySmall.fontSize,
      '& > li': { contentVisibility: 'auto', containIntrinsicSize: 'auto 24px' },
    }),
    row: css({
      display: 'flex',
      gap: theme.spacing(1.5),
      width: '100%',
      padding: theme.spacing(0.25, 1, 0.25, 2),
      position: 'relative',
      border: 0,
      background: 'none',
      color: theme.colors.text.primary,
      textAlign: 'left',
      font: 'inherit',
      cursor: 'pointer',
      '&::before': { content: '""', position: 'absolute', left: 6, top: 3, bottom: 3, width: 4, borderRadius: 2 },
      '&:hover': { background: theme.colors.action.hover },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: -2 },
    }),
    open: css({ background: theme.colors.action.selected, '& > *': { color: theme.colors.text.primary } }),
    time: css({ color: theme.colors.text.secondary, flexShrink: 0 }),
    level: css({ width: 56, flexShrink: 0, color: theme.colors.text.secondary }),
    body: css({ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  };
};
