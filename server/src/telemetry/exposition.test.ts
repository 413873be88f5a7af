import { describe, expect, it } from 'vitest';
import { joinExpositions } from './exposition.ts';
import { createMetrics } from './recorder.ts';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (NaN|[+-]Inf|[-+0-9.eE]+)$`);

/** Reads Prometheus text by the rules of its format (0.0.4) and throws where it breaks one. */
function parseStrictly(text: string) {
  const families = new Map<string, { type: string; samples: Map<string, number> }>();
  const closed = new Set<string>();
  let current = '';
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line);
    if (comment) {
      const [, kind = '', name = '', rest = ''] = comment;
      if (name !== current) {
        if (closed.has(name)) throw new Error(`${name} appears in two groups`);
        closed.add(name);
        current = name;
        families.set(name, { type: '', samples: new Map() });
      }
      const family = families.get(name);
      if (kind === 'TYPE' && family) {
        if (family.type !== '') throw new Error(`${name} has two TYPE lines`);
        if (family.samples.size > 0) throw new Error(`TYPE of ${name} after its samples`);
        if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) throw new Error(`TYPE ${rest}`);
        family.type = rest;
      }
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) throw new Error(`no sample: ${line}`);
    const [, name = '', labels = '', value = ''] = sample;
    const family = families.get(current);
    const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    if (!suffixes.some((suffix) => name === current + suffix)) throw new Error(`${name} outside of its group`);
    const key = `${name}{${labels}}`;
    if (family?.samples.has(key)) throw new Error(`${key} twice`);
    family?.samples.set(key, Number(value));
  }
  return families;
}

describe('Prometheus text of two threads', () => {
  it('is valid when joined: one target_info, one HELP and TYPE for each name, units in the names', async () => {
    const main = createMetrics({ thread: 'main', help: { aisix_deliveries_accepted: 'Deliveries "so far"\nall' } });
    const path = createMetrics({ thread: 'path', boundaries: { 'http.server.request.duration': [0.1, 1] } });
    main.recorder.count('aisix_deliveries_accepted', 2, { input: 'otlp', note: 'a"b\\c\nd' });
    main.recorder.count('aisix_deliveries_accepted', 3, { input: 'telemetry' });
    main.recorder.gauge('aisix_stream_bytes', 1024, { stream: 'deliveries' });
    path.recorder.observe('http.server.request.duration', 0.5, { outcome: 'success' });
    path.recorder.observe('http.server.request.duration', 5, { outcome: 'success' });
    path.recorder.gauge('aisix_open_requests', 7);
    path.recorder.observe('aisix_stream_commit_callers', 4);
    const families = parseStrictly(joinExpositions([await main.metricsText(), await path.metricsText()]));

    expect([...families.keys()].toSorted()).toEqual([
      'aisix_deliveries_accepted_total',
      'aisix_open_requests',
      'aisix_stream_bytes',
      'aisix_stream_commit_callers',
      'http_server_request_duration_seconds',
      'target_info',
    ]);
    expect(families.get('aisix_deliveries_accepted_total')?.type).toBe('counter');
    expect(
      families
        .get('aisix_deliveries_accepted_total')
        ?.samples.get('aisix_deliveries_accepted_total{input="telemetry"}'),
    ).toBe(3);
    const histogram = families.get('http_server_request_duration_seconds');
    expect(Object.fromEntries(histogram?.samples ?? [])).toEqual({
      'http_server_request_duration_seconds_count{outcome="success"}': 2,
      'http_server_request_duration_seconds_sum{outcome="success"}': 5.5,
      'http_server_request_duration_seconds_bucket{outcome="success",le="0.1"}': 0,
      'http_server_request_duration_seconds_bucket{outcome="success",le="1"}': 1,
      'http_server_request_duration_seconds_bucket{outcome="success",le="+Inf"}': 2,
    });
    await Promise.all([main.close(), path.close()]);
  });

  it('groups a name that both threads use, and drops a series that both report', () => {
    const joined = joinExpositions([
      '# HELP a first\n# TYPE a gauge\na{x="1"} 1\n# HELP b other\n# TYPE b gauge\nb 1\n',
      '# HELP a second\n# TYPE a gauge\na{x="1"} 9\na{x="2"} 2\nnot a sample at all !\n# no registered metrics',
    ]);
    expect(joined).toBe(
      '# HELP a first\n# TYPE a gauge\na{x="1"} 1\na{x="2"} 2\n# HELP b other\n# TYPE b gauge\nb 1\n',
    );
    expect(() => parseStrictly(joined)).not.toThrow();
  });

  it('is empty, and still valid, when nothing was recorded', async () => {
    const path = createMetrics({ thread: 'path' });
    expect(joinExpositions([await path.metricsText()])).toBe('');
    await path.close();
  });
});
