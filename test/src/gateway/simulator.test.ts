import { describe, expect, it } from 'vitest';
import { loadEvents, loadOtlp, type OtlpSpan, RECORDINGS, USAGE_FIELDS, type UsageEvent } from '../recordings/index.ts';
import type { SimulatedRequest } from './compose.ts';
import { EVEN_MIX, SCENARIO_NAMES } from './scenarios.ts';
import { createGatewaySimulator, type SimulatorOptions } from './simulator.ts';

const NOW = Date.parse('2027-03-04T05:06:07.891Z');
const simulate = (count: number, options: Partial<SimulatorOptions> = {}): SimulatedRequest[] => {
  const simulator = createGatewaySimulator({ seed: 11, ratePerSecond: 20, now: () => NOW, mix: EVEN_MIX, ...options });
  return Array.from({ length: count }, () => simulator.next());
};
const requests = simulate(4_000);

/** Present or not by chance or by configuration, in the recordings too. */
const BY_CHANCE = new Set([
  'provider_kind',
  'provider_featured',
  'branded_provider',
  'pk_label',
  'applied_guardrails',
  'client_source_ip',
  'client_user_agent',
  'downstream_latency_ms',
  'cached_prompt_tokens',
  'cache_creation_tokens',
  'cache_read_tokens',
  'usage_estimated',
]);
const fieldsOf = (event: UsageEvent) =>
  Object.keys(event)
    .filter((field) => !BY_CHANCE.has(field))
    .join();
const BY_CHANCE_ON_SPANS = new Set([
  'aisix.client_source_ip',
  'aisix.client_user_agent',
  'aisix.downstream_latency_ms',
]);
const attributesOf = (span: OtlpSpan) =>
  `${span.kind} ${span.attributes.map(({ key }) => key).filter((key) => !BY_CHANCE_ON_SPANS.has(key))}`;

describe('createGatewaySimulator', () => {
  it('makes every scenario', () => {
    const made = new Set(requests.map(({ truth }) => truth.scenario));
    expect([...SCENARIO_NAMES].filter((name) => !made.has(name))).toEqual([]);
  });

  it('gives the same requests for the same seed, and others for another', () => {
    expect(simulate(300)).toEqual(requests.slice(0, 300));
    expect(simulate(3, { seed: 12 })).not.toEqual(requests.slice(0, 3));
  });

  it('arrives at the wanted rate, in order, from now on', () => {
    const starts = requests.map(({ truth }) => truth.start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(starts[0]).toBeGreaterThan(NOW);
    expect(((starts.at(-1) ?? 0) - NOW) / 1000).toBeGreaterThan(180);
    expect(((starts.at(-1) ?? 0) - NOW) / 1000).toBeLessThan(220);
  });

  it('gives out with `until` what `next` would have given', () => {
    const simulator = createGatewaySimulator({ seed: 11, ratePerSecond: 20, now: () => NOW, mix: EVEN_MIX });
    const stepwise = [simulator.until(NOW + 1_000), simulator.until(NOW + 1_000), simulator.until(NOW + 5_000)];
    expect(stepwise[1]).toEqual([]);
    expect(stepwise.flat()).toEqual(requests.slice(0, stepwise.flat().length));
  });

  it('writes events with no other fields than real events of the same shape, in the same order', () => {
    const recorded = new Set(RECORDINGS.flatMap(loadEvents).map(fieldsOf));
    const unknown = requests.flatMap(({ truth, records }) =>
      records
        .filter(({ event }) => !recorded.has(fieldsOf(event)))
        .map(({ event }) => `${truth.scenario}: ${fieldsOf(event)}`),
    );
    expect([...new Set(unknown)]).toEqual([]);
    const places = Object.keys(requests[0]?.records[0]?.event ?? {}).map((key) =>
      (USAGE_FIELDS as readonly string[]).indexOf(key),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('writes spans with the attributes of real spans, in the same order', () => {
    const spansOf = (post: ReturnType<typeof loadOtlp>[number]) =>
      post.body.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    const recorded = RECORDINGS.flatMap(loadOtlp).flatMap(spansOf);
    const known = new Set(recorded.map(attributesOf));
    const made = requests.flatMap(({ records }) => records.flatMap(({ spans }) => spans));
    expect([...new Set(made.map(attributesOf))].filter((keys) => !known.has(keys))).toEqual([]);
    expect(new Set(made.map((span) => Object.keys(span).join()))).toEqual(
      new Set(recorded.map((span) => Object.keys(span).join())),
    );
  });
});
