import { type DataFrame, DataTopic, FieldType } from '@grafana/data';

/**
 * Takes the answer of a log volume apart as `LogsVolumePanelList.tsx` of Grafana 12.4 was seen to do: frames of
 * annotations are drawn over the bars, of all others the first number field is a level's, by its label.
 */
export function splitVolumeAsGrafanaDoes(frames: readonly DataFrame[]) {
  const annotations = frames.filter(({ meta }) => meta?.dataTopic === DataTopic.Annotations);
  const levels: Record<string, number[]> = {};
  for (const frame of frames) {
    if (annotations.includes(frame)) continue;
    const field = frame.fields.find(({ type }) => type === FieldType.number);
    const level = field?.labels?.level;
    if (field === undefined || level === undefined) throw new Error('a bar without a level');
    levels[level] = field.values;
  }
  return { levels, annotations };
}
