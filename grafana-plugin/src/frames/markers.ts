import { createDataFrame, type DataFrame, type DataLink, DataTopic, FieldType, textUtil } from '@grafana/data';
import type { Marker } from '../api/contract';
import { colourOfAction } from './colours';
import { shortText } from './plainText';
import { actionWords, kindWords } from './words';

/** What is drawn over a chart for a change or a burst of them. Texts are plain; they are escaped when they are drawn. */
export interface DrawnMarker {
  readonly time: number;
  readonly timeEnd?: number | undefined;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly colour: string;
  /** Panels with lanes draw the markers of each below one another. */
  readonly lane: string;
  /** Id of the change or of the burst, where the reader may look at it. */
  readonly changeId?: string | undefined;
}

/** A marker that says what kind of thing changed, and neither whose it is nor who did it. */
export function neutralMarker(
  { time, timeEnd, kind, action, count, environment }: Marker,
  environmentName: (id: string) => string,
): DrawnMarker {
  const place = environment === undefined ? 'organization' : environmentName(environment);
  return {
    time,
    timeEnd,
    title: `${kindWords(kind)} ${actionWords(action)}`,
    text: count > 1 ? `${count} changes in ${place}` : place,
    tags: [kind, action],
    colour: colourOfAction(action),
    lane: kindWords(kind),
  };
}

/** Characters of one line of a tooltip. */
const LINE = 200;

/** A region that is narrower than this part of the range is drawn as a point: Grafana would give it no width to hover over. */
const NARROWEST = 1 / 100;

export interface AnnotationOptions {
  readonly refId: string;
  readonly name: string;
  /** Range of the chart, epoch milliseconds. */
  readonly range: { readonly from: number; readonly to: number };
  /** Where a marker of a change leads to. */
  readonly links?: readonly DataLink[];
}

/** A frame for each lane, by the name of the lane. Without any marker one empty frame, so that an answer is never nothing. */
export function laneFrames(markers: readonly DrawnMarker[], options: AnnotationOptions): DataFrame[] {
  if (markers.length === 0) return [annotationFrame([], options)];
  const lanes = [...Map.groupBy(markers, ({ lane }) => lane)].sort(([a], [b]) => a.localeCompare(b));
  return lanes.map(([lane, drawn]) => annotationFrame(drawn, { ...options, name: shortText(lane, LINE) }));
}

/**
 * Markers as annotations that a chart draws over its series, each in its own colour.
 *
 * The id is 0 in every row: any other lets Grafana offer to delete the annotation of its own that happens to have that
 * number. Grafana takes title and text for HTML that may hold images and links, so both are escaped here.
 */
export function annotationFrame(
  markers: readonly DrawnMarker[],
  { refId, name, range, links = [] }: AnnotationOptions,
): DataFrame {
  const narrowest = (range.to - range.from) * NARROWEST;
  const ends = markers.map(({ time, timeEnd = time }) => (timeEnd - time < narrowest ? time : timeEnd));
  const html = (text: string) => textUtil.escapeHtml(shortText(text, LINE));
  return createDataFrame({
    refId,
    name,
    meta: { dataTopic: DataTopic.Annotations },
    fields: [
      { name: 'time', type: FieldType.time, values: markers.map(({ time }) => time) },
      // Never empty: a row without an end in front makes Grafana take no row for a region.
      { name: 'timeEnd', type: FieldType.time, values: ends },
      { name: 'isRegion', type: FieldType.boolean, values: markers.map(({ time }, at) => (ends[at] ?? time) > time) },
      { name: 'title', type: FieldType.string, values: markers.map(({ title }) => html(title)) },
      { name: 'text', type: FieldType.string, values: markers.map(({ text }) => html(text)) },
      {
        name: 'tags',
        type: FieldType.other,
        values: markers.map(({ tags }) => tags.map((tag) => shortText(tag, LINE))),
      },
      { name: 'color', type: FieldType.string, values: markers.map(({ colour }) => colour) },
      { name: 'id', type: FieldType.number, values: markers.map(() => 0) },
      ...(links.length === 0 || markers.every(({ changeId }) => changeId === undefined)
        ? []
        : [
            {
              name: 'change',
              type: FieldType.string,
              config: { links: [...links] },
              values: markers.map(({ changeId }) => changeId ?? null),
            },
          ]),
    ],
  });
}

/** Markers as a table, for where nothing is drawn that they could lie over. */
export function markerTable(
  markers: readonly Marker[],
  refId: string,
  environmentName: (id: string) => string,
): DataFrame {
  return createDataFrame({
    refId,
    name: 'change markers',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      { name: 'time', type: FieldType.time, values: markers.map(({ time }) => time) },
      { name: 'kind', type: FieldType.string, values: markers.map(({ kind }) => kindWords(kind)) },
      { name: 'action', type: FieldType.string, values: markers.map(({ action }) => actionWords(action)) },
      { name: 'changes', type: FieldType.number, values: markers.map(({ count }) => count) },
      {
        name: 'environment',
        type: FieldType.string,
        values: markers.map(({ environment }) => (environment === undefined ? null : environmentName(environment))),
      },
    ],
  });
}
