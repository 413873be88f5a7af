import { describe, expect, it } from 'vitest';
import { parseOtlpLine, recordedLines } from '../recordings/index.ts';
import { receivedSpans } from './receivedSpan.ts';

describe('receivedSpans', () => {
  it('reads what a gateway really sends', () => {
    const [line = ''] = recordedLines('story', 'otlp.ndjson.gz');
    const post = parseOtlpLine(line);
    const wire = post.body.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    const spans = receivedSpans(post.body);
    expect(spans).toHaveLength(wire.length);
    expect(spans[0]).toMatchObject({ spanId: wire[0]?.spanId, kind: 2, name: 'chat.completions' });
    expect(spans[0]?.attributes['http.response.status_code']).toBe(200);
    expect(spans[2]?.attributes['gen_ai.response.finish_reasons']).toEqual(['stop']);
    expect(spans[0]?.start).toBe(1_795_415_470_380.121);
    expect(spans[0]).not.toHaveProperty('parentSpanId');
    expect(spans[1]?.parentSpanId).toBe(spans[0]?.spanId);
  });

  it('reads an empty document as no spans', () => {
    expect(receivedSpans({})).toEqual([]);
    expect(receivedSpans({ resourceSpans: [{}] })).toEqual([]);
  });
});
