import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayRequest } from '../api/contract';
import { recordedRequests, requestWith } from '../testing/requests';
import { duration } from './duration';
import { requestSentence } from './sentence';

const attempt = {
  index: 0,
  kind: 'initial',
  startTime: 0,
  endTime: 1,
  durationMs: 1,
  dispatched: true,
  outcome: 'success',
} as const;

const failed = {
  ...attempt,
  model: 'gpt-4o',
  status: 502,
  outcome: 'provider_error',
  errorClass: 'upstream_status',
  errorMessage: 'upstream returned HTTP 503: busy',
} as const;

const say = (over: Partial<GatewayRequest>) => requestSentence(requestWith({ durationMs: 812, ...over }));

describe('the sentence of a request', () => {
  it('names the model once when it answered itself', () => {
    const attempts = [{ ...attempt, model: 'gpt-4o', status: 200 }];
    expect(say({ requestedModel: 'gpt-4o', servedModel: 'gpt-4o', attempts, tokens: { input: 12, output: 30 } })).toBe(
      '200 gpt-4o in 812 ms, 12+30 tokens',
    );
    expect(say({ requestedModel: 'smart', servedModel: 'gpt-4o', attempts })).toBe('200 smart → gpt-4o in 812 ms');
  });

  it('tells each attempt when one failed', () => {
    const attempts = [
      failed,
      failed,
      { ...attempt, index: 2, kind: 'fallback', model: 'backup-small', status: 200 },
    ] as const;
    expect(
      say({
        requestedModel: 'smart',
        servedModel: 'backup-small',
        attempts: [...attempts],
        tokens: { input: 266, output: 189 },
      }),
    ).toBe('200 smart → gpt-4o failed (upstream 503) ×2, backup-small 200 in 812 ms, 266+189 tokens');
  });

  it('says why when nothing answered', () => {
    const over = { status: 502, outcome: 'provider_error', requestedModel: 'smart', attempts: [failed] } as const;
    expect(say({ ...over, attempts: [failed], errorMessage: 'upstream returned HTTP 503: busy' })).toBe(
      '502 smart → gpt-4o failed (upstream 503) in 812 ms: upstream returned HTTP 503: busy',
    );
  });

  it('says who refused when nothing was tried', () => {
    const refused = { requestedModel: 'gpt-4o', durationMs: 2, attempts: [] };
    expect(say({ ...refused, status: 429, outcome: 'rate_limited', errorClass: 'rate_limit_exceeded' })).toBe(
      '429 gpt-4o refused: rate limited (rate_limit_exceeded) in 2 ms',
    );
    const hits = [{ name: 'no-secrets', hook: 'input', action: 'block', mode: 'enforced' as const }];
    expect(say({ ...refused, status: 422, outcome: 'guardrail_blocked', guardrail: { blocked: true, hits } })).toBe(
      '422 gpt-4o blocked by guardrail no-secrets in 2 ms',
    );
    expect(say({ ...refused, status: 499, outcome: 'client_closed' })).toBe(
      '499 gpt-4o client closed the connection after 2 ms',
    );
  });

  it('tells tools and agents where there is no model', () => {
    expect(say({ mcp: { server: 'eda', tool: 'report' } })).toBe('200 mcp/eda/report in 812 ms');
  });

  it('tells the first and the last of very many attempts', () => {
    const attempts = Array.from({ length: 100 }, (_, index) => ({ ...failed, index, model: `m${index}` }));
    expect(say({ requestedModel: 'smart', attempts })).toContain('m4 failed (upstream 503), … 94 more, m99 failed');
  });

  it('is one plain line, whatever callers and providers wrote', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3000 });
    fc.assert(
      fc.property(text, text, text, (requestedModel, errorMessage, model) => {
        const sentence = say({
          status: 502,
          outcome: 'provider_error',
          requestedModel,
          errorMessage,
          attempts: [{ ...failed, model, errorMessage }],
        });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
        expect(sentence).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
        expect([...sentence].length).toBeLessThan(500);
      }),
    );
    expect(say({ requestedModel: '\u202egpt\u2066\n4o<b>' })).toBe('200 gpt 4o<b> in 812 ms');
  });

  it('is made of every recorded request, and begins with its status', () => {
    for (const request of recordedRequests()) {
      const sentence = requestSentence(request);
      expect(sentence).toMatch(/^(\d{3}|–) \S/);
      expect(sentence).not.toContain('undefined');
    }
  });
});

describe('durations', () => {
  it.each([
    [0.2, '<1 ms'],
    [812.4, '812 ms'],
    [999.6, '1.0 s'],
    [3210, '3.2 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
  ])('%d ms is %s', (millis, says) => {
    expect(duration(millis)).toBe(says);
  });
});
