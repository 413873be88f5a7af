import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  loadChanges,
  loadClient,
  loadEvents,
  loadMeta,
  loadObjects,
  loadOtlp,
  loadTelemetry,
  RECORDED_ENVIRONMENT,
  RECORDINGS,
} from './load.ts';
import { encodeArchiveLine, USAGE_FIELDS, type UsageEvent } from './wire.ts';

const requests = (events: readonly UsageEvent[]) => new Set(events.map((e) => `${e.request_id} ${e.trace_id}`)).size;

describe('recordings', () => {
  it.each([
    ['suite', 226, 1104, 1026],
    ['story', 200, 13_477, 12_827],
    ['story-2', undefined, 17_361, 15_423],
  ] as const)('%s has the telemetry that its README counts', (name, posts, events, wanted) => {
    const telemetry = loadTelemetry(name);
    if (posts !== undefined) expect(telemetry).toHaveLength(posts);
    const all = telemetry.flatMap((post) => post.body.events);
    expect(all).toHaveLength(events);
    expect(requests(all)).toBe(wanted);
    expect(telemetry.every((post) => post.san.includes(RECORDED_ENVIRONMENT) && post.receivedAt > 0)).toBe(true);
  });

  it('says the same in the uploads as in the telemetry', () => {
    const lines = loadObjects('story').flatMap(({ body }) => gunzipSync(body).toString('utf8').trimEnd().split('\n'));
    expect(new Set(lines)).toEqual(new Set(loadEvents('story').map(encodeArchiveLine)));
  });

  it('has the spans, the callers, the changes and the frame of each story', () => {
    const spans = loadOtlp('suite').flatMap((post) => post.body.resourceSpans[0]?.scopeSpans[0]?.spans ?? []);
    expect(spans).toHaveLength(1694);
    expect(loadClient('story')).toHaveLength(12_892);
    expect(loadMeta('story').requests).toBe(12_892);
    expect(loadMeta('story-2').ids['models/smart']).toMatch(/^[0-9a-f-]{36}$/);
    expect(loadChanges('story').filter((change) => change.effect === 'fault').length).toBeGreaterThan(3);
  });

  it('writes its fields in the order of USAGE_FIELDS', () => {
    const position = new Map<string, number>(USAGE_FIELDS.map((field, index) => [field, index]));
    for (const event of RECORDINGS.flatMap(loadEvents)) {
      const places = Object.keys(event).map((field) => position.get(field) ?? -1);
      expect(places.every((place, i) => place > (places[i - 1] ?? -1))).toBe(true);
    }
  });
});
