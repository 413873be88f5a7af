import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadChanges, loadClient, loadObjects, loadOtlp, loadTelemetry, parseOtlpLine, recordedLines } from './load.ts';
import { endOf, shiftOtlp, shiftOtlpText, shiftTimes } from './shiftTimes.ts';

const END = Date.parse('2027-02-01T00:30:12.345Z');
const parts = {
  telemetry: loadTelemetry('story').slice(-3),
  objects: loadObjects('story').slice(-20),
  otlp: loadOtlp('story').slice(-3),
  client: loadClient('story').slice(-20),
  changes: loadChanges('story').slice(-2),
};

describe('shiftTimes', () => {
  const shifted = shiftTimes(parts, END);

  it('ends at the wanted time, less than a second before it', () => {
    expect(endOf(shifted)).toBeLessThanOrEqual(END);
    expect(endOf(shifted)).toBeGreaterThan(END - 1000);
  });

  it('moves every feed by one whole number of seconds', () => {
    expect(shifted.shiftMs % 1000).toBe(0);
    const event = (p: typeof parts) => Date.parse(p.telemetry[0]?.body.events[0]?.occurred_at ?? '');
    expect(event(shifted) - event(parts)).toBe(shifted.shiftMs);
    expect(shifted.telemetry[0]?.body.events[0]?.occurred_at).toMatch(/^2027-02-01T00:\d\d:\d\dZ$/);
    const nanos = (p: typeof parts) =>
      BigInt(p.otlp[0]?.body.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.startTimeUnixNano ?? 0);
    expect(nanos(shifted) - nanos(parts)).toBe(BigInt(shifted.shiftMs) * 1_000_000n);
    expect((shifted.client[0]?.t0 ?? 0) - (parts.client[0]?.t0 ?? 0)).toBe(shifted.shiftMs);
    const change = (p: typeof parts) => Date.parse(p.changes[0]?.occurred_at ?? '');
    expect(change(shifted) - change(parts)).toBe(shifted.shiftMs);
  });

  it('shifts the text of a post as it shifts the post', () => {
    for (const line of recordedLines('story', 'otlp.ndjson.gz').slice(0, 5)) {
      expect(shiftOtlpText(line, 86_400_000)).toBe(JSON.stringify(shiftOtlp(parseOtlpLine(line), 86_400_000).body));
    }
  });

  it('changes nothing in an upload but its times, and names it by its new partition and hash', () => {
    const blank = (body: Buffer) =>
      gunzipSync(body)
        .toString('utf8')
        .replaceAll(/"occurred_at":"[^"]+"/g, '');
    shifted.objects.forEach((upload, i) => {
      expect(blank(upload.body)).toBe(blank(parts.objects[i]?.body ?? Buffer.alloc(0)));
      expect(upload.url).toMatch(/^\/gateway-logs\/aisix\/prod\/dt%3D2027-02-01\/hh%3D00\/[0-9a-f]{32}\.ndjson\.gz$/);
    });
  });
});
