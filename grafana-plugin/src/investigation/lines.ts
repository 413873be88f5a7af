import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import { columnsOf } from '../frames/columns';
import { plainText } from '../frames/plainText';
import { QUIET } from './verdictWords';

/** One line that a person reads. */
export interface Line {
  /** What kind of finding it is, in a word or two. */
  readonly finding: string;
  /** What it is about: a resource, an attempt. */
  readonly about?: string | undefined;
  readonly says: string;
  /** Epoch milliseconds. */
  readonly time?: number | undefined;
}

/**
 * Findings line by line, to be read from the top.
 *
 * @param pills colours of findings; all others are grey
 */
export function lineFrame(lines: readonly Line[], refId: string, pills: Readonly<Record<string, string>>): DataFrame {
  const column = columnsOf(lines);
  const quiet = lines.map(({ finding }) => [finding, QUIET] as const);
  return createDataFrame({
    refId,
    name: 'investigation',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('finding', FieldType.string, ({ finding }) => finding, {
        width: 165,
        pills: { ...Object.fromEntries(quiet), ...pills },
      }),
      // In one column, since these are read in half a window, beside the row that led to them.
      column(
        'says',
        FieldType.string,
        ({ about, says }) => plainText(about === undefined ? says : `${about}: ${says}`),
        {
          wrap: true,
        },
      ),
      column('time', FieldType.time, ({ time }) => time, { width: 165 }),
    ],
  });
}

/** Why there is nothing to read, where a person would read it. */
export const nothingFrame = (finding: string, says: string, refId: string): DataFrame =>
  lineFrame([{ finding, says }], refId, {});
