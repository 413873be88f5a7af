import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from './failure';
import { QueryFailure } from './queryFailure';

describe('a failed query', () => {
  it.each([
    [
      'the server refused',
      {
        status: 400,
        data: {
          error: {
            code: 'field_unknown',
            message: '`filters[0].field` names the field "modle", which does not exist',
            hint: 'did you mean `model`?',
          },
        },
      },
      '`filters[0].field` names the field "modle", which does not exist. Did you mean `model`?',
    ],
    [
      'a timeout of the server',
      { status: 504, data: { error: { code: 'query_timeout', message: 'the query took longer than 15 s' } } },
      'The query took longer than 15 s. Choose a shorter range',
    ],
    [
      'an answer that would be too large',
      { status: 400, data: { error: { code: 'points_too_many', message: '300000 points' } } },
      'Group by fewer fields',
    ],
    [
      'a 401 as the data proxy passes it on',
      { status: 400, data: 'Authentication to data source failed' },
      'Check the secret',
    ],
    ['a 401', { status: 401, data: {} }, 'Check the secret'],
    [
      'a route that Grafana keeps closed',
      { status: 403, data: { message: 'plugin proxy route access denied' } },
      'audit readers',
    ],
    ['a timeout of the data proxy', { status: 504, data: '' }, 'Grafana waited too long'],
    ['a server that is down', { status: 502, data: { message: 'Bad Gateway' } }, 'Grafana cannot reach the server'],
    ['no network', { status: 0, statusText: '' }, 'Grafana cannot reach the server'],
    [
      'something else',
      { status: 418, data: { message: 'short and stout' } },
      'The query failed with status 418. Short and stout.',
    ],
  ])('%s', (_, error, says) => {
    expect(failureOf(error).message).toContain(says);
  });

  it('keeps the code, by which callers decide', () => {
    const error = {
      status: 403,
      data: { error: { code: 'audit_reader_required', message: 'this is for audit readers' } },
    };
    expect(failureOf(error)).toMatchObject({ status: 403, code: 'audit_reader_required' });
    expect(failureOf(failureOf(error))).toMatchObject({ code: 'audit_reader_required' });
  });

  it('is a sentence, whatever was thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (error) => {
        const failure = failureOf(error);
        expect(failure).toBeInstanceOf(QueryFailure);
        expect(failure.message).toMatch(/^[A-Z].*[.!?]$/s);
      }),
    );
  });
});
