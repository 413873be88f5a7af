import { describe, expect, it } from 'vitest';
import type { AttemptReport, SpanReport, UsageReport } from '../report.ts';
import { foldRequest } from './foldRequest.ts';
import { absorb, emptyEvidence } from './window.ts';

const T0 = Date.UTC(2026, 10, 23, 12, 0, 0);
const IDS = { environment: 'prod', requestId: 'req-1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };

const usage = (fields: Partial<UsageReport>): UsageReport => ({
  ...IDS,
  feed: 'usage',
  occurredAt: T0,
  attemptIndex: 0,
  statusCode: 200,
  upstreamLatencyMs: 400,
  modelId: 'm-1',
  requestedModel: 'smart',
  ...fields,
});

const span = (fields: Partial<SpanReport>): SpanReport => ({
  ...IDS,
  feed: 'span',
  spanId: 'a5a5a5a5a5a5a5a5',
  role: 'server',
  startTime: T0 - 500,
  endTime: T0,
  statusCode: 200,
  ...fields,
});

function fold(...reports: readonly AttemptReport[]) {
  const evidence = emptyEvidence();
  for (const report of reports) absorb(evidence, report, undefined);
  return foldRequest(IDS, evidence, { n: 0, revision: 0, state: 'final' });
}

describe('the served model', () => {
  it.each<[string, readonly AttemptReport[], string | undefined]>([
    ['is the target that answered', [usage({ attemptModel: 'backup' })], 'backup'],
    ['is the requested model where there is no target', [usage({})], 'smart'],
    [
      'is none for a failure',
      [usage({ statusCode: 502, errorClass: 'upstream_status', attemptModel: 'a' })],
      undefined,
    ],
    [
      'is never a target that failed: the one that answered is not known yet',
      [usage({ statusCode: 502, errorClass: 'upstream_status', attemptModel: 'broken' }), span({})],
      'smart',
    ],
    [
      'is never a member of a panel whose judge is not known yet',
      [usage({ attemptKind: 'panel', attemptModel: 'member' }), span({})],
      'smart',
    ],
  ])('%s', (_, reports, model) => {
    expect(fold(...reports).servedModel).toBe(model);
  });
});

describe('the provider', () => {
  const attempt = span({ spanId: 'b5b5b5b5b5b5b5b5', role: 'client', attemptIndex: 0, provider: 'openai' });
  it('is what the brand of the provider key says, else what the span of the attempt says', () => {
    expect(fold(attempt).attempts).toMatchObject([{ provider: 'openai' }]);
    expect(fold(attempt, usage({ brandedProvider: 'Azure OpenAI' })).attempts).toMatchObject([
      { provider: 'Azure OpenAI' },
    ]);
    expect(fold(usage({})).attempts[0]).not.toHaveProperty('provider');
  });
});
