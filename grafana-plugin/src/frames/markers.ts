import { createDataFrame, type DataFrame, type DataLink, DataTopic, FieldType, textUtil } from '@grafana/data';
import type { Marker } from '../api/contract';
import { colourOfAction } from './colours';
import { AROUND_TO, aroundLinks, detailLinks, effectLinks, LINKED_ENVIRONMENT, type LinkTargets } from './links';
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
  /** Id of the change that is to be looked at first: of a burst the one that is most suspect. */
  readonly suspectId?: string | undefined;
  /** Name of the environment in which the change is found; absent where it is none or several. */
  readonly environment?: string | undefined;
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
    environment: environment === undefined ? undefined : environmentName(environment),
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
  /** Where markers lead to; nowhere when absent. */
  readonly links?: Pick<LinkTargets, 'self' | 'explained'>;
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
  { refId, name, range, links }: AnnotationOptions,
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
      ...(links === undefined ? [] : linkFields(markers, links)),
    ],
  });
}

/** What is shown before and after a change: its cause is before it, and what it did is seen within minutes. */
const BEFORE_MILLIS = 10 * 60 * 1000;
const AFTER_MILLIS = 20 * 60 * 1000;

/** The range around a marker, epoch milliseconds as texts: numbers Grafana would write with a unit. */
export const aroundOf = ({ time, timeEnd = time }: Pick<DrawnMarker, 'time' | 'timeEnd'>) => ({
  from: String(Math.floor(time) - BEFORE_MILLIS),
  to: String(Math.ceil(timeEnd) + AFTER_MILLIS),
});

/** Named markers lead to the change, all others to what was around them; a field for each, empty where it is not meant. */
function linkFields(markers: readonly DrawnMarker[], targets: Pick<LinkTargets, 'self' | 'explained'>) {
  const linked = (name: string, links: DataLink[], read: (marker: DrawnMarker) => string | undefined) => ({
    name,
    type: FieldType.string,
    config: { links },
    values: markers.map((marker) => read(marker) ?? null),
  });
  const neutral = (marker: DrawnMarker) => (marker.changeId === undefined ? aroundOf(marker) : undefined);
  const fields = [
    linked('suspect', effectLinks(targets), ({ suspectId }) => suspectId),
    linked('change', detailLinks(targets), ({ changeId }) => changeId),
    linked('around', aroundLinks(targets), (marker) => neutral(marker)?.from),
    linked(AROUND_TO, [], (marker) => neutral(marker)?.to),
  ];
  return [
    ...fields.filter(({ values }) => values.some((value) => value !== null)),
    { name: LINKED_ENVIRONMENT, type: FieldType.string, values: markers.map(({ environment = '' }) => environment) },
  ];
}
