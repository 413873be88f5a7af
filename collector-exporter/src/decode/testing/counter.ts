import type { Labels, Recorder } from '@aisix-observability/pipeline';

/** A recorder that keeps sums by `name{label="value",…}`. */
export interface Counter extends Recorder {
  /** The sum over all series of a name whose labels include the given ones. */
  sum(name: string, labels?: Labels): number;
}

export function createCounter(): Counter {
  const series: { name: string; labels: Labels; value: number }[] = [];
  return {
    count(name, value, labels = {}) {
      series.push({ name, labels, value });
    },
    gauge() {},
    observe() {},
    sum(name, labels = {}) {
      return series
        .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
        .reduce((total, one) => total + one.value, 0);
    },
  };
}
