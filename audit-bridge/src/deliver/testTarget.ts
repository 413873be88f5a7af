import type { Clock } from '@aisix-observability/pipeline';
import type { OutputTest } from './outputTest.ts';
import { type ProbeOptions, probeTarget } from './probe.ts';

export interface TestTargetOptions extends Omit<ProbeOptions, 'signal'> {
  readonly name: string;
  readonly origin: string;
  readonly clock: Clock;
  readonly deadlineMillis: number;
  readonly stop: AbortSignal;
}

/** A probe that somebody asked for, in words. Under an id of its own: that of the start would take it for left over. */
export async function testTarget({
  name,
  origin,
  clock,
  deadlineMillis,
  stop,
  ...probe
}: TestTargetOptions): Promise<OutputTest> {
  const late = new AbortController();
  const cancel = clock.after(deadlineMillis, () => late.abort());
  const outcome = await probeTarget({ ...probe, signal: AbortSignal.any([late.signal, stop]) });
  cancel();
  const place = { name, origin };
  switch (outcome.kind) {
    case 'done':
      return { ...place, works: true };
    case 'missing':
      return { ...place, works: false, said: 'an annotation that was just created is gone' };
    case 'aborted':
      return { ...place, works: false, said: 'no answer in time' };
    default: {
      const hint = 'hint' in outcome ? outcome.hint : undefined;
      return { ...place, works: false, said: outcome.message, ...(hint !== undefined && { hint }) };
    }
  }
}
