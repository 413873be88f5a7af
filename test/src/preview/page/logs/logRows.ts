import { type DataFrame, type DataSourceApi, type Field, FieldType, LogLevel } from '@grafana/data';
import { linkOfRow } from './fillLink.ts';

/** A row of Grafana's log list. */
export interface LogRow {
  readonly key: string;
  /** As the data source names it. */
  readonly id: string;
  readonly time: number;
  readonly body: string;
  readonly level: LogLevel;
  readonly labels: readonly { readonly name: string; readonly value: string; readonly group: string }[];
  /** Fields that carry links: of all others Grafana shows none. */
  readonly links: readonly { readonly field: Field; readonly value: string }[];
  readonly frame: DataFrame;
  readonly at: number;
}

const OTHER = 'Fields';

/** `LogLevel` by the words that Grafana knows. */
function levelOf(severity: unknown): LogLevel {
  const known = (LogLevel as unknown as Record<string, LogLevel>)[String(severity).toLowerCase()];
  return known ?? LogLevel.unknown;
}

/**
 * Rows of `LogLines` frames, newest first, by the rules of Grafana's `parseDataplaneLogsFrame`: the first field of the
 * name and type; `labels` an object a row.
 */
export function logRows(frames: readonly DataFrame[], datasource: DataSourceApi): LogRow[] {
  const groupOf = (name: string, frame: DataFrame, at: number) =>
    (datasource as { getLabelDisplayTypeFromFrame?(...args: unknown[]): string | null }).getLabelDisplayTypeFromFrame?.(
      name,
      frame,
      at,
    ) ?? OTHER;
  const rows = frames
    .filter(({ meta }) => meta?.preferredVisualisationType === 'logs')
    .flatMap((frame, frameAt) => {
      const field = (name: string, type: FieldType) =>
        frame.fields.find((each) => each.name === name && each.type === type)?.values ?? [];
      const [times, bodies, severities, ids, labels] = [
        field('timestamp', FieldType.time),
        field('body', FieldType.string),
        field('severity', FieldType.string),
        field('id', FieldType.string),
        field('labels', FieldType.other),
      ];
      const linked = frame.fields.filter(({ config }) => (config.links?.length ?? 0) > 0);
      return times.map(
        (time, at): LogRow => ({
          key: `${frameAt}/${String(ids[at] ?? at)}`,
          id: String(ids[at] ?? ''),
          time: Number(time),
          body: String(bodies[at]),
          level: levelOf(severities[at]),
          labels: Object.entries((labels[at] ?? {}) as Record<string, unknown>).map(([name, value]) => ({
            name,
            value: typeof value === 'string' ? value : JSON.stringify(value),
            group: groupOf(name, frame, at),
          })),
          links: linked.flatMap((each) => {
            const value: unknown = each.values[at];
            if (value === null || value === undefined) return [];
            const links = (each.config.links ?? []).map((link) => linkOfRow(link, frame, at));
            return [{ field: { ...each, config: { ...each.config, links } }, value: String(value) }];
          }),
          frame,
          at,
        }),
      );
    });
  return rows.sort((a, b) => b.time - a.time);
}
