import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import type { VolumeAnswer } from '../api/contract';
import { type Level, levelOfLabel } from './outcomes';

/** Bars from the ground up. */
const LEVELS: readonly Level[] = ['info', 'warning', 'error'];

/**
 * Number of requests by class of outcome, a frame a class: Grafana's histogram takes the class of a frame from the label
 * `level` of its first number field. Classes that nothing belongs to have no frame, so that the legend is short.
 */
export function volumeFrames(
  { buckets, series }: Pick<VolumeAnswer, 'buckets' | 'series'>,
  refId: string,
): DataFrame[] {
  const sums = new Map<Level, number[]>();
  for (const { labels, values } of series) {
    const level = levelOfLabel(labels.outcome);
    const sum = sums.get(level) ?? buckets.map(() => 0);
    values.forEach((value, at) => {
      sum[at] = (sum[at] ?? 0) + (value ?? 0);
    });
    sums.set(level, sum);
  }
  return LEVELS.flatMap((level) => {
    const values = sums.get(level);
    if (values === undefined || values.every((value) => value === 0)) return [];
    return levelFrame(level, buckets, values, refId);
  });
}

/** Bars of no height. */
export const emptyVolume = (buckets: readonly number[], refId: string): DataFrame =>
  levelFrame(
    'info',
    buckets,
    buckets.map(() => 0),
    refId,
  );

const levelFrame = (level: Level, buckets: readonly number[], values: number[], refId: string): DataFrame =>
  createDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: [...buckets] },
      { name: 'Value', type: FieldType.number, labels: { level }, config: { displayNameFromDS: level }, values },
    ],
  });
