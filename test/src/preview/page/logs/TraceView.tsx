import { css } from '@emotion/css';
import { type DataFrame, DataFrameView, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';

/** Of Grafana's trace frame what is drawn here. */
interface Span {
  readonly spanID: string;
  readonly parentSpanID?: string | null;
  readonly operationName: string;
  readonly statusCode?: number;
  readonly statusMessage?: string | null;
  readonly startTime: number;
  readonly duration: number;
}

/** Status of OpenTelemetry's spans. */
const ERROR = 2;

/** Share of the width below which a bar could not be seen. */
const NARROWEST = 0.4;

/** Spans one under the other on one time axis, in place of Grafana's trace view, which is in none of its packages. */
export function TraceView({ frame }: { readonly frame: DataFrame }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const spans = new DataFrameView<Span>(frame).toArray().map((span) => ({ ...span }));
  const start = Math.min(...spans.map(({ startTime }) => startTime));
  const end = Math.max(...spans.map(({ startTime, duration }) => startTime + duration));
  const whole = Math.max(1, end - start);
  return (
    <ol className={styles.list} aria-label="Spans">
      {spans.map((span) => {
        const failed = span.statusCode === ERROR;
        const left = Math.min(100 - NARROWEST, (100 * (span.startTime - start)) / whole);
        const width = Math.max(NARROWEST, (100 * span.duration) / whole);
        return (
          <li key={span.spanID}>
            <div className={styles.head}>
              <span
                className={styles.name}
                style={{ paddingLeft: span.parentSpanID ? 14 : 0 }}
                title={span.operationName}
              >
                {span.operationName}
              </span>
              <span className={styles.duration}>{Math.round(span.duration)} ms</span>
            </div>
            <div className={styles.track}>
              <div
                className={styles.bar}
                style={{
                  left: `${left}%`,
                  width: `${Math.min(width, 100 - left)}%`,
                  background: failed
                    ? theme.visualization.getColorByName('red')
                    : theme.visualization.getColorByName(span.parentSpanID ? 'blue' : 'green'),
                }}
              />
            </div>
            {span.statusMessage && (
              <p className={styles.message} dir="auto">
                {span.statusMessage}
              </p>
            )}
          </li>
        );
      })}
    </ol>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: theme.spacing(1), '& li': { marginBottom: theme.spacing(1.5) } }),
  head: css({ display: 'flex', justifyContent: 'space-between', gap: theme.spacing(2) }),
  name: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  duration: css({ color: theme.colors.text.secondary, flexShrink: 0 }),
  track: css({
    position: 'relative',
    height: 10,
    marginTop: 2,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
  }),
  bar: css({ position: 'absolute', top: 0, bottom: 0, borderRadius: theme.shape.radius.default }),
  message: css({
    margin: theme.spacing(0.5, 0, 0),
    color: theme.colors.error.text,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
});
