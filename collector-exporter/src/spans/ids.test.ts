import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportedTraceId, isSpanId, isTraceId, nonZero, requestKeyHash, spanIds } from './ids.ts';

const key = { environment: 'env-1', requestId: 'req-1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736', n: 0 };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('ids', () => {
  it('are the first bytes of a hash of what names the request and of the role', () => {
    const text = '["env-1","req-1","4bf92f3577b34da6a3ce929d0e0e4736",0]';
    const ids = spanIds(key, 'inherit');
    expect(requestKeyHash('env-1', 'req-1', key.traceId, 0)).toBe(sha256(text));
    expect(ids.server).toBe(sha256(`${text}server`).slice(0, 16));
    expect(ids.logical()).toBe(sha256(`${text}logical`).slice(0, 16));
    expect(ids.attempt(1, 'fallback')).toBe(sha256(`${text}attempt 1 fallback`).slice(0, 16));
  });

  it.each([
    [
      { environment: 'env-1","req-1', requestId: 'x' },
      { environment: 'env-1', requestId: 'req-1","x' },
    ],
    [
      { requestId: 'a\nb', environment: 'c' },
      { requestId: 'a', environment: 'c\nb' },
    ],
    [{ n: 0 }, { n: 1 }],
    [{ requestId: '\ud800' }, { requestId: '\ufffd' }],
  ])('differ where requests differ, whatever their texts hold: %j %j', (one, other) => {
    const hashOf = (fields: object) => {
      const { environment, requestId, traceId, n } = { ...key, ...fields };
      return requestKeyHash(environment, requestId, traceId, n);
    };
    expect(hashOf(one)).not.toBe(hashOf(other));
  });

  it('tell an absent trace id from an empty one', () => {
    expect(requestKeyHash('e', 'r', undefined, 0)).not.toBe(requestKeyHash('e', 'r', '', 0));
  });

  it('take the gateway’s trace where it is valid, else derive one', () => {
    const { traceId: _, ...unknown } = key;
    expect(exportedTraceId(key, 'inherit')).toBe(key.traceId);
    const derived = exportedTraceId(unknown, 'inherit');
    expect(derived).toBe(requestKeyHash('env-1', 'req-1', undefined, 0).slice(0, 32));
    const fresh = exportedTraceId(key, 'fresh');
    expect(new Set([key.traceId, derived, fresh]).size).toBe(3);
    expect(fresh).toMatch(/^[0-9a-f]{32}$/);
    expect(spanIds(key, 'fresh').traceId).toBe(fresh);
    expect(spanIds(unknown, 'inherit').traceId).toBe(derived);
  });

  it('are never all zero', () => {
    expect(nonZero('0000000000000000')).toBe('0000000000000001');
    expect(nonZero('0000000000000a00')).toBe('0000000000000a00');
    expect(nonZero('f000000000000000')).toBe('f000000000000000');
  });

  it.each([
    ['4bf92f3577b34da6a3ce929d0e0e4736', true],
    ['4BF92F3577B34DA6A3CE929D0E0E4736', false],
    ['0'.repeat(32), false],
    ['4bf92f3577b34da6a3ce929d0e0e473', false],
    ['4bf92f3577b34da6a3ce929d0e0e4736\n', false],
    [undefined, false],
  ])('know a trace id: %j is %s', (text, expected) => {
    expect(isTraceId(text)).toBe(expected);
  });

  it('know a span id', () => {
    expect(isSpanId('00f067aa0ba902b7')).toBe(true);
    expect(isSpanId('0'.repeat(16))).toBe(false);
  });
});
