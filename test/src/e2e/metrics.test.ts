import { setTimeout as sleep } from 'node:timers/promises';
import { METRIC_HELP } from '@aisix-observability/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OtlpSink, startOtlpSink } from '../fakes/otlpSink.ts';
import { sample } from '../faults/metrics.ts';
import { loadOtlp, loadTelemetry, shiftTimes } from '../recordings/index.ts';
import { type Rig, startRig } from './rig.ts';

/** Nothing listens on the port of `discard`. */
const DEAD = 'http://127.0.0.1:9';

describe('/metrics of a server that has had all kinds of things to do', () => {
  let rig: Rig;
  let picky: OtlpSink;
  let text: string;

  const until = async (holds: (metrics: string) => boolean) => {
    const { host, port } = rig.server.api;
    do {
      text = await (await fetch(`http://${host}:${port}/metrics`)).text();
    } while (!holds(text) && (await sleep(100, true)));
  };
  const of = (name: string, labels: Readonly<Record<string, string>> = {}) => sample(text, name, labels);

  beforeAll(async () => {
    const { telemetry, otlp } = shiftTimes({ telemetry: loadTelemetry('suite'), otlp: loadOtlp('suite') }, Date.now());
    const poison = telemetry[0]?.body.events[0]?.request_id ?? '';
    picky = await startOtlpSink({
      script: ({ number, document }) => {
        if (number === 1) return { kind: 'partial', rejected: 1, message: 'too old' };
        return JSON.stringify(document).includes(poison) ? { kind: 'status', status: 400 } : { kind: 'accept' };
      },
    });
    rig = await startRig({
      destinations: [
        { name: 'dead', endpoint: DEAD },
        { name: 'picky', endpoint: picky.url, protocol: 'http/json' },
        { name: 'errors', endpoint: picky.url, protocol: 'http/json', filter: { outcomes: ['provider_error'] } },
      ],
      limits: { failed_grace: '500ms', feed_grace: '300ms', shutdown: '500ms' },
    });
    for (const { body } of telemetry) expect((await rig.telemetry(body)).status).toBe(200);
    expect((await rig.telemetry({ events: [{ request_id: 'r' }] })).status).toBe(400);
    expect((await rig.telemetry('no batch')).status).toBe(400);
    await until(() => of('aisix_requests_total') > 1_000 && of('aisix_open_requests') === 0);
    // The other feed, too late: corrections.
    for (const { body } of otlp) expect((await rig.traces(body)).status).toBe(200);
    await until(
      () =>
        of('aisix_requests_corrected_total') > 100 &&
        of('aisix_destination_rows_set_aside_total') > 0 &&
        of('aisix_destination_items_rejected_total') > 0 &&
        of('aisix_destination_state', { destination: 'dead' }) === 2 &&
        of('aisix_destination_requests_retried_total') > 0,
    );
  }, 120_000);

  afterAll(async () => {
    await rig.close();
    await picky.close();
  });

  it('explains every metric with its own words', () => {
    const families = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => ({ name, help }));
    const known = new Set(Object.values(METRIC_HELP));
    expect(families.length).toBeGreaterThan(40);
    expect(families.filter(({ name, help }) => name !== 'target_info' && !known.has(help))).toEqual([]);
  });

  it.each<[string, string, Readonly<Record<string, string>>?]>([
    ['accepted', 'aisix_reports_accepted_total', { input: 'telemetry' }],
    ['refused by reason', 'aisix_reports_refused_total', { input: 'telemetry', code: 'invalid_occurred_at' }],
    ['deliveries refused by reason', 'aisix_deliveries_refused_total', { input: 'telemetry', code: 'not_a_batch' }],
    ['bytes of streams', 'aisix_stream_bytes', { stream: 'requests' }],
    ['their bound', 'aisix_stream_limit_bytes', { stream: 'deliveries' }],
    ['their age', 'aisix_stream_age_seconds', { stream: 'requests' }],
    ['reports that say the same once more', 'aisix_reports_assembled_total', { result: 'used' }],
    ['spans delivered', 'aisix_destination_items_delivered_total', { destination: 'picky' }],
    ['spans rejected', 'aisix_destination_items_rejected_total', { destination: 'picky' }],
    ['requests sent again', 'aisix_destination_requests_retried_total', { destination: 'dead', reason: 'unreachable' }],
    ['rows set aside by reason', 'aisix_destination_rows_set_aside_total', { destination: 'picky', reason: 'refused' }],
    ['rows left out', 'aisix_destination_rows_skipped_total', { destination: 'errors', reason: 'other_outcome' }],
    ['backlog', 'aisix_destination_backlog_bytes', { destination: 'dead' }],
    ['requests by outcome', 'aisix_requests_total', { aisix_outcome: 'success' }],
    ['requests corrected', 'aisix_requests_corrected_total', { aisix_outcome: 'success' }],
    ['freshness', 'aisix_request_assembled_after_seconds_count'],
    ['freshness at a destination', 'aisix_request_delivered_after_seconds_count', { destination: 'picky' }],
    ['durations as callers saw them', 'http_server_request_duration_seconds_count', { aisix_outcome: 'success' }],
    ['durations of model calls', 'gen_ai_client_inference_duration_seconds_count', { gen_ai_operation_name: 'chat' }],
    ['tokens', 'gen_ai_client_inference_usage_input_tokens_total', { gen_ai_operation_name: 'chat' }],
  ])('tells of %s: %s', (_, name, labels) => {
    expect(of(name, labels)).toBeGreaterThan(0);
  });

  it('tells of clocks by sender', () => {
    expect(text).toMatch(/^aisix_clock_offset_seconds\{environment="[^"]+",data_plane="",input="telemetry"\} /m);
  });
});
