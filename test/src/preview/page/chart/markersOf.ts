import type { DataFrame, DataLink } from '@grafana/data';
import { linkOfRow } from '../logs/fillLink.ts';

/** One row of an annotation frame, as Grafana reads it. */
export interface DrawnMarker {
  readonly key: string;
  /** Epoch milliseconds; the end is the same for a point. */
  readonly time: number;
  readonly timeEnd: number;
  /** HTML, which Grafana sanitizes and shows. */
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly colour: string;
  /** Anything but 0 would let Grafana offer to edit and delete it. */
  readonly id: number;
  /** Name of the frame: panels with lanes draw each frame in its own. */
  readonly lane: string;
  /** Links of the fields of the row, with the value that goes into them. */
  readonly links: readonly { readonly link: DataLink; readonly value: string }[];
}

/** Rows of annotation frames by their field names, oldest first. */
export function markersOf(frames: readonly DataFrame[]): DrawnMarker[] {
  const markers = frames.flatMap((frame, frameAt) => {
    const column = (name: string): readonly unknown[] =>
      frame.fields.find((field) => field.name.toLowerCase() === name.toLowerCase())?.values ?? [];
    const [time, timeEnd, title, text, tags, color, id] = [
      column('time'),
      column('timeEnd'),
      column('title'),
      column('text'),
      column('tags'),
      column('color'),
      column('id'),
    ];
    const linked = frame.fields.filter(({ config }) => (config.links?.length ?? 0) > 0);
    return time.map((at, row): DrawnMarker => {
      const start = Number(at);
      return {
        key: `${frame.refId ?? ''}/${frameAt}/${row}/${start}`,
        time: start,
        timeEnd: Number(timeEnd[row] ?? start),
        title: String(title[row] ?? ''),
        text: String(text[row] ?? ''),
        tags: Array.isArray(tags[row]) ? tags[row].map(String) : [],
        colour: String(color[row] ?? 'blue'),
        id: Number(id[row] ?? 0),
        lane: frame.name ?? '',
        links: linked.flatMap(({ config, values }) => {
          const value: unknown = values[row];
          if (value === null || value === undefined || value === '') return [];
          return (config.links ?? []).map((link) => ({ link: linkOfRow(link, frame, row), value: String(value) }));
        }),
      };
    });
  });
  return markers.sort((a, b) => a.time - b.time);
}
