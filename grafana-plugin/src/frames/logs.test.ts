import { LogLevel } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import type { GatewayRequest } from '../api/contract';
import { REQUEST_FIELD_NAMES } from '../testing/fields';
import { readAsGrafanaDoes } from '../testing/grafanaLogs';
import { recordedRequests, requestWith } from '../testing/requests';
import { isFilterable, labelGroupOf } from './labels';
import { isWebAddress, linkedTraceId, traceLinks } from './links';
import { type LogFrameOptions, logFrame } from './logs';

const self = { uid: 'aisix', name: 'AISIX' };
const options: LogFrameOptions = {
  refId: 'A',
  links: { self },
  environmentName: (id) => (id.startsWith('0b6f') ? 'prod' : id),
};

describe('requests as log rows', () => {
  const requests = recordedRequests();
  const { rows } = readAsGrafanaDoes(logFrame(requests, options));

  it('are all read by Grafana, with a level of its own', () => {
    expect(rows).toHaveLength(requests.length);
    expect(new Set(rows.map(({ level }) => level))).toEqual(new Set([LogLevel.info, LogLevel.warning, LogLevel.error]));
    expect(rows.every(({ time }) => Number.isInteger(time))).toBe(true);
  });

  it('have an id each, which stays when the request is corrected', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const [first] = readAsGrafanaDoes(logFrame([requestWith({ state: 'open' })], options)).rows;
    const [second] = readAsGrafanaDoes(logFrame([requestWith({ revision: 3, durationMs: 9 })], options)).rows;
    expect(first?.id).toBe(second?.id);
  });

  it('have labels by which the server filters, each in a group', () => {
    const labels = new Set(rows.flatMap((row) => Object.keys(row.labels)));
    expect(labels.size).toBeGreaterThan(20);
    for (const label of labels) {
      expect(REQUEST_FIELD_NAMES).toContain(label);
      expect(labelGroupOf(label)).toBeDefined();
    }
    expect(rows[0]?.labels).toMatchObject({ environment: 'prod' });
    expect(isFilterable('servedModel')).toBe(true);
    expect(isFilterable('durationMs')).toBe(false);
    expect(isFilterable('actor')).toBe(false);
  });

  it('filter by the guardrail that was hit; by several none can, since the server compares each', () => {
    const labelsOfHits = (...names: string[]) => {
      const guardrail = { hits: names.map((name) => ({ name })) } as GatewayRequest['guardrail'];
      return readAsGrafanaDoes(logFrame([requestWith({ guardrail })], options)).rows[0]?.labels;
    };
    expect(labelsOfHits('pii', 'pii')).toMatchObject({ 'guardrail.name': 'pii' });
    expect(labelsOfHits('pii', 'words')).toMatchObject({ 'guardrail.names': 'pii, words' });
    expect(labelsOfHits('pii', 'words')).not.toHaveProperty(['guardrail.name']);
    for (const names of [[], ['']]) expect(Object.keys(labelsOfHits(...names) ?? {}).join()).not.toContain('guardrail');
    expect(isFilterable('guardrail.name')).toBe(true);
    expect(isFilterable('guardrail.names')).toBe(false);
    expect(labelGroupOf('guardrail.names')).toBe('Error');
  });

  it('keep texts as they were in labels, whatever is in them', () => {
    const requestedModel = '<img src=x onerror=alert(1)>\u202e\n**b**'.padEnd(5000, 'x');
    const [row] = readAsGrafanaDoes(logFrame([requestWith({ requestedModel })], options)).rows;
    expect(row?.labels).toMatchObject({ requestedModel });
    expect(row?.body.length).toBeLessThan(120);
  });

  it('of nothing are an empty frame that is still one of logs', () => {
    expect(readAsGrafanaDoes(logFrame([], options)).rows).toEqual([]);
  });
});

describe('links of a row', () => {
  it('lead to the attempts, and to the trace where one is set up', () => {
    expect(readAsGrafanaDoes(logFrame([requestWith()], options)).linked).toEqual(['request']);
    const tracing = { uid: 'tempo', name: 'Tempo', type: 'tempo' };
    expect(readAsGrafanaDoes(logFrame([requestWith()], { ...options, links: { self, tracing } })).linked).toEqual([
      'request',
      'trace',
    ]);
    expect(traceLinks({ self, tracing })[0]?.internal?.query).toMatchObject({ queryType: 'traceql' });
  });

  it('name the environment of the row, which need not be that of the settings', () => {
    const frame = logFrame([requestWith()], options);
    const field = (name: string) => frame.fields.find((each) => each.name === name);
    expect(field('request')?.config.links?.[0]?.internal?.query).toMatchObject({
      requestId: '${__value.raw}',
      environment: '${__data.fields.inEnvironment}',
    });
    expect(field('inEnvironment')).toMatchObject({ values: ['prod'], config: {} });
  });

  it('lead from a dashboard to the detail of the request, for who has no Explore, too', () => {
    const dashboard = { from: 1, to: 2 };
    const [link] =
      logFrame([requestWith()], { ...options, links: { self: { uid: 'a&b', name: 'AISIX' } }, dashboard }).fields.find(
        ({ name }) => name === 'request',
      )?.config.links ?? [];
    expect(link).toEqual({
      title: 'Request detail',
      // Encoded: callers choose ids, and `x&var-ds=…` is one.
      url: '/d/aisix-request?var-ds=a%26b&var-environment=${__data.fields.inEnvironment:percentencode}&var-request=${__value.raw:percentencode}&from=1&to=2',
    });
  });

  it('lead to what broke it only where something failed, and only audit readers', () => {
    const requests = [
      requestWith({ requestId: 'well' }),
      requestWith({ requestId: 'failed', outcome: 'provider_auth' }),
      ...recordedRequests()
        .filter(({ outcome, attempts }) => outcome === 'success' && attempts.length > 1)
        .slice(0, 1),
    ];
    const failed = (explained: boolean, dashboard?: { from: number; to: number }) =>
      logFrame(requests, { ...options, links: { self, explained }, dashboard }).fields.find(
        ({ name }) => name === 'failed',
      );
    expect(failed(false)).toBeUndefined();
    // The third one was answered after an attempt that failed.
    expect(failed(true)?.values).toEqual([null, 'failed', requests[2]?.requestId]);
    expect(failed(true)?.config.links?.[0]).toMatchObject({
      title: 'What broke it',
      internal: { query: { queryType: 'investigation', about: 'request', requestId: '${__value.raw}' } },
    });
    expect(failed(true, { from: 1, to: 2 })?.config.links?.[0]?.url).toMatch(
      /^\/d\/aisix-what-changed\?.*var-request=/,
    );
    expect(
      logFrame([requestWith()], { ...options, links: { self, explained: true } }).fields.map(({ name }) => name),
    ).not.toContain('failed');
  });

  it('lead to pages only', () => {
    expect(isWebAddress('https://x/{traceId}')).toBe(true);
    expect(isWebAddress('/d/abc?var-trace={traceId}')).toBe(true);
    for (const url of ['javascript:alert(1)', '//evil.example', 'data:text/html,x', ''])
      expect(isWebAddress(url)).toBe(false);
    expect(traceLinks({ self, traceUrl: 'https://x/{traceId}' })).toMatchObject([{ url: 'https://x/${__value.raw}' }]);
    expect(traceLinks({ self, traceUrl: 'javascript:{traceId}' })).toEqual([]);
  });

  it('take the id under which the trace was exported', () => {
    const request = requestWith({ exportedTraceIds: { tempo: 'f'.repeat(32) } });
    expect(linkedTraceId(request, 'tempo')).toBe('f'.repeat(32));
    expect(linkedTraceId(request, 'other')).toBe(request.traceId);
    expect(linkedTraceId({ traceId: '../../admin' }, undefined)).toBeNull();
  });
});
