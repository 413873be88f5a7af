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
    const investigation = { refId: 'A', ...DEFAULTS.investigation };
    expect(describeQuery(investigation)).toBe('what broke what');
    expect(describeQuery({ ...investigation, start: 'now-1h', models: ['a', 'b'] })).toBe(
      'what broke what at now-1h · a, b',
    );
    expect(describeQuery({ ...investigation, about: 'request', requestId: 'r-1' })).toBe('what broke request r-1');
    expect(describeQuery({ ...investigation, about: 'request' })).toBe('what broke the newest request that failed');
    expect(describeQuery({ ...investigation, about: 'change', changeId: 'c-1' })).toBe('what change c-1 did');
  });
});

describe('a query that is being built', () => {
  it('is not sent', () => {
    expect(isRunnable({ refId: 'A', ...DEFAULTS.requests })).toBe(true);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.requests, hide: true })).toBe(false);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.trace, requestId: ' ' })).toBe(false);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.trace, requestId: 'req-1' })).toBe(true);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.investigation })).toBe(true);
    expect(isRunnable({ refId: 'A', ...DEFAULTS.investigation, about: 'change' })).toBe(false);
  });
});
