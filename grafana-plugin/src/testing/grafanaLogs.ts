import { type DataFrame, DataFrameType, type Field, FieldType, LogLevel } from '@grafana/data';

/** What Grafana 12.4 takes of a frame of log rows. */
export interface ReadLogs {
  readonly rows: readonly {
    readonly time: number;
    readonly body: string;
    readonly level: LogLevel;
    readonly id: string | undefined;
    readonly labels: Readonly<Record<string, unknown>>;
  }[];
  /** Names of other fields that the details of a row show: those with links. */
  readonly linked: readonly string[];
}

/**
 * Reads a frame by the rules that `logsFrame.ts` of Grafana 12.4 was seen to have: fields are found by name and type,
 * time and body must be there and full, levels go through Grafana's own table, and a frame without the mark
 * `preferredVisualisationType: 'logs'` never gets to Explore's list.
 */
export function readAsGrafanaDoes(frame: DataFrame): ReadLogs {
  if (frame.meta?.type !== DataFrameType.LogLines) throw new Error('not of the type LogLines');
  if (frame.meta.preferredVisualisationType !== 'logs') throw new Error('not shown as logs');
  const find = (name: string, type: FieldType) =>
    frame.fields.find((field) => field.name === name && field.type === type);
  const time = find('timestamp', FieldType.time);
  const body = find('body', FieldType.string);
  if (time === undefined || body === undefined) throw new Error('no timestamp or no body');
  const severity = find('severity', FieldType.string);
  const id = find('id', FieldType.string);
  const labels = find('labels', FieldType.other);
  const known = new Set<Field | undefined>([time, body, severity, id, labels]);
  return {
    rows: Array.from({ length: frame.length }, (_, at) => {
      if (typeof time.values[at] !== 'number') throw new Error(`no time in row ${at}`);
      if (typeof body.values[at] !== 'string') throw new Error(`no body in row ${at}`);
      return {
        time: time.values[at],
        body: body.values[at],
        level: LogLevel[severity?.values[at] as keyof typeof LogLevel] ?? LogLevel.unknown,
        id: id?.values[at],
        labels: labels?.values[at] ?? {},
      };
    }),
    linked: frame.fields
      .filter((field) => !known.has(field) && (field.config.links ?? []).length > 0)
      .map(({ name }) => name),
  };
}
