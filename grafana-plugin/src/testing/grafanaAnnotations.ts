import { type DataFrame, DataTopic, FieldType } from '@grafana/data';

/** An event as Grafana draws it. */
export interface DrawnEvent {
  readonly time: number;
  readonly timeEnd: number | undefined;
  readonly isRegion: boolean;
  readonly title: string | undefined;
  readonly text: string;
  readonly tags: readonly string[];
  /** Whether the tooltip offers to edit and to delete, for somebody who may edit annotations. */
  readonly hasButtons: boolean;
}

/**
 * Makes events of a frame as the annotations of a dashboard do (facts of Grafana 12.4): fields are found by their names,
 * time and text must be there, a region is what ends at another time than it begins, and buttons are for every id but 0.
 *
 * @throws Error where Grafana would drop all events
 */
export function eventsAsGrafanaMakesThem(frame: DataFrame): readonly DrawnEvent[] {
  const values = (name: string) => frame.fields.find((field) => field.name.toLowerCase() === name)?.values;
  const times = values('time') ?? frame.fields.find(({ type }) => type === FieldType.time)?.values;
  const texts = values('text') ?? frame.fields.find(({ type }) => type === FieldType.string)?.values;
  if (times === undefined) throw new Error('no field of times');
  if (texts === undefined) throw new Error('no field of texts');
  return Array.from({ length: frame.length }, (_, at) => {
    const timeEnd = values('timeend')?.[at] as number | undefined;
    const tags: unknown = values('tags')?.[at];
    return {
      time: times[at] as number,
      timeEnd,
      isRegion: Boolean(timeEnd) && timeEnd !== times[at],
      title: values('title')?.[at] as string | undefined,
      text: texts[at] as string,
      tags: typeof tags === 'string' ? tags.split(',') : ((tags ?? []) as string[]),
      hasButtons: values('id')?.[at] !== 0,
    };
  });
}

/**
 * What a panel does with the frames of its query: those of annotations are taken out and drawn over the others, with the
 * colour of each row (facts of Grafana 12.4).
 */
export function splitAsPanelsDo(frames: readonly DataFrame[]) {
  const isAnnotation = ({ meta }: DataFrame) => meta?.dataTopic === DataTopic.Annotations;
  return {
    series: frames.filter((frame) => !isAnnotation(frame)),
    colours: frames
      .filter(isAnnotation)
      .flatMap((frame) => frame.fields.find(({ name }) => name === 'color')?.values as string[]),
  };
}
