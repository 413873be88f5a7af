import { DEFAULT_MODELS, type SimulatedModel } from '../gateway/world.ts';

/**
 * Median durations of the recorded evening, milliseconds, a tenth below: the simulated ones scatter more. Slower live
 * traffic would look like an incident that begins where the recording ends.
 */
const RECORDED_MEDIANS: Readonly<Record<string, number>> = {
  'gpt-4o': 110,
  'gpt-4o-mini': 110,
  'mistral-large': 84,
  'backup-small': 170,
};

/** A streamed call of the recorded evening took about twice as long as another one. */
const STREAM_TIMES = [1.5, 2.2] as const;

/** Models of the live part of the demo, as fast as those of the recording that it follows. */
export const LIVE_MODELS: readonly SimulatedModel[] = DEFAULT_MODELS.map((model) =>
  model.kind === 'direct'
    ? { ...model, medianMs: RECORDED_MEDIANS[model.name] ?? model.medianMs, streamTimes: STREAM_TIMES }
    : model,
);
