import type { Recorder } from '@aisix-observability/pipeline';
import type { InputName } from '../report.ts';

/** Metric names of decoding. */
export const DECODE_METRICS = {
  reportRefused: 'aisix_reports_refused',
  fieldDropped: 'aisix_fields_dropped',
  fieldCut: 'aisix_fields_cut',
  contentDropped: 'aisix_content_dropped',
  secretRedacted: 'aisix_secrets_redacted',
} as const;

/**
 * Counts of one decoding, kept in plain maps and handed to the recorder once: with 100 events a batch the recorder
 * would otherwise cost more than the decoding. Labels come from closed sets (names of known fields, kinds of secret,
 * codes).
 */
export class Tally {
  readonly refused = new Map<string, number>();
  readonly dropped = new Map<string, number>();
  readonly cut = new Map<string, number>();
  readonly content = new Map<string, number>();
  readonly secrets = new Map<string, number>();

  report(recorder: Recorder, input: InputName): void {
    send(recorder, DECODE_METRICS.reportRefused, 'code', this.refused, input);
    send(recorder, DECODE_METRICS.fieldDropped, 'field', this.dropped, input);
    send(recorder, DECODE_METRICS.fieldCut, 'field', this.cut, input);
    send(recorder, DECODE_METRICS.contentDropped, 'field', this.content, input);
    send(recorder, DECODE_METRICS.secretRedacted, 'kind', this.secrets, input);
  }
}

export function increase(counts: Map<string, number>, label: string, by = 1): void {
  counts.set(label, (counts.get(label) ?? 0) + by);
}

function send(
  recorder: Recorder,
  metric: string,
  label: string,
  counts: ReadonlyMap<string, number>,
  input: InputName,
): void {
  for (const [value, count] of counts) recorder.count(metric, count, { input, [label]: value });
}
