import { describe, expect, it } from 'vitest';
import { DEFAULTS } from './defaults';
import { describeQuery } from './describe';
import { isRunnable } from './runnable';

describe('a query in one line', () => {
  it('says what is asked, where, and with which conditions', () => {
    expect(
      describeQuery({
        refId: 'A',
        ...DEFAULTS.requests,
        environment: '$env',
        filters: [
          { field: 'outcome', op: 'in', values: ['provider_error', 'provider_timeout'] },
          { field: 'servedModel', op: 'eq', values: [] },
        ],
        text: 'upstream',
      }),
    ).toBe('requests · in $env · outcome one of provider_error, provider_timeout · "upstream"');
    expect(describeQuery({ refId: 'A', ...DEFAULTS.metrics })).toBe('rate by outcome');
    expect(describeQuery({ refId: 'A', ...DEFAULTS.trace, requestId: 'req-1' })).toBe('request req-1');
  });
});

describe('a query that is being built', () => {
  it('is not sent', () => {
    expect(isRunnable({ refId: 'A', ...DEFAULTS.requests })).toBe(true);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.requests, hide: true })).toBe(false);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.trace, requestId: ' ' })).toBe(false);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.trace, requestId: 'req-1' })).toBe(true);
  });
});
