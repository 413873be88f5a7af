import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../query/migrate';
import type { QueryFilter } from '../../query/model';
import { FIELDS } from '../../testing/fields';
import { completionOf, completionsAt, placeAt } from './completions';
import { nearest } from './nearest';
import { parseCode } from './parse';
import { printCode } from './print';
import { CodeProblem } from './problem';

const { fields } = FIELDS;

function problemOf(code: string): { readonly message: string; readonly at: string } {
  try {
    parseCode(code, fields);
  } catch (error) {
    if (error instanceof CodeProblem) return { message: error.message, at: code.slice(error.from, error.to) };
    throw error;
  }
  throw new Error(`no problem in ${code}`);
}

describe('filters as code', () => {
  it('are read with every operator', () => {
    const code = `status >= 500 and outcome in (provider_error, "provider_timeout")
      requestedModel not in ($models) and errorMessage contains "rate limit" and servedModel =~ "^gpt-\\d"
      errorClass exists and traceId exists false and "upstream"`;
    expect(parseCode(code, fields)).toEqual({
      filters: [
        { field: 'status', op: 'gte', values: ['500'] },
        { field: 'outcome', op: 'in', values: ['provider_error', 'provider_timeout'] },
        { field: 'requestedModel', op: 'nin', values: ['$models'] },
        { field: 'errorMessage', op: 'contains', values: ['rate limit'] },
        { field: 'servedModel', op: 'regex', values: ['^gpt-\\d'] },
        { field: 'errorClass', op: 'exists', values: ['true'] },
        { field: 'traceId', op: 'exists', values: ['false'] },
      ],
      text: 'upstream',
    });
    expect(parseCode(' \n ', fields)).toEqual({ filters: [], text: '' });
  });

  it('are written so that a person can read them', () => {
    const filters: QueryFilter[] = [
      { field: 'status', op: 'gte', values: ['500'] },
      { field: 'servedModel', op: 'in', values: ['gpt-4o', 'my model', '$m'] },
      { field: 'outcome', op: 'eq', values: [] },
    ];
    expect(printCode(filters, 'a "b"')).toBe(
      'status >= 500 and servedModel in (gpt-4o, "my model", $m) and "a \\"b\\""',
    );
  });

  it('come back as they were, whatever is in them', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom(
        'and',
        'IN',
        'a|b',
        "o'hara",
        '$__all',
        '${m:csv}',
        '"',
        '\\',
        'שלום',
        '\u202eabc',
        '',
        '(',
        '\ud800',
      ),
    );
    const several = fc.constantFrom(...OPERATORS.filter((op) => op !== 'exists'));
    const filter = fc.oneof(
      fc.record({ field: text, op: several, values: fc.array(text, { minLength: 1, maxLength: 3 }) }),
      fc.record({
        field: text,
        op: fc.constant('exists' as const),
        values: fc.constantFrom(['true'], ['false'], ['$x']),
      }),
    );
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 4 }), text, (filters, free) => {
        const code = printCode(filters, free.slice(0, 200));
        expect(code).not.toMatch(/[\n\u202e]/);
        expect(parseCode(code)).toEqual({ filters, text: free.slice(0, 200) });
      }),
    );
  });

  it('are refused with a place, and never with anything but a problem', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc
            .array(fc.constantFrom('status', '=', 'in', '(', ')', ',', '"', 'not', 'and', '500', '\n', '>', 'x'))
            .map((parts) => parts.join(' ')),
        ),
        (code) => {
          try {
            parseCode(code, fields);
          } catch (error) {
            expect(error).toBeInstanceOf(CodeProblem);
            const { from, to, message } = error as CodeProblem;
            expect(0 <= from && from <= to && to <= code.length).toBe(true);
            expect(message).toMatch(/[.?]$/);
          }
          placeAt(code, code.length);
        },
      ),
    );
  });
});

describe('a problem', () => {
  it('names what was meant, where something is near', () => {
    expect(problemOf('statsu >= 500')).toEqual({
      message: 'There is no field statsu. Did you mean status?',
      at: 'statsu',
    });
    expect(problemOf('outcome = provider_eror')).toEqual({
      message: 'outcome is never provider_eror. Did you mean provider_error?',
      at: 'provider_eror',
    });
    expect(problemOf('model = x').message).toContain('Did you mean requestedModel?');
    expect(problemOf('zzzzzz = 1').message).toBe('There is no field zzzzzz.');
  });

  it('says what was expected', () => {
    expect(problemOf('durationMs > fast')).toEqual({
      message: 'Expected a number for durationMs, found fast.',
      at: 'fast',
    });
    expect(problemOf('startTime contains 1').message).toContain('startTime cannot be compared by contains');
    expect(problemOf('status 500').message).toContain('Expected an operator after status');
    expect(problemOf('status =').message).toBe('Expected a value for status, found the end.');
    expect(problemOf('status = 500 outcome = x')).toMatchObject({
      message: expect.stringContaining('Expected `and`'),
      at: 'outcome',
    });
    expect(problemOf('requestedModel = "x').message).toContain('closing quote');
    expect(problemOf('status in 500').message).toContain('Expected `(`');
    expect(problemOf('status in (500 502)').message).toContain('Expected `,` or `)`');
    expect(problemOf('"a" and "b"').message).toContain('Only one free text');
    expect(problemOf('status ! 5').at).toBe('!');
    expect(problemOf('stream = yes').message).toBe('Expected true or false for stream, found yes.');
    expect(problemOf('status = 500 and').message).toContain('after `and`');
  });
});

describe('completion', () => {
  /** What is offered at the bar, and what the line becomes with the first of it. */
  const offered = (marked: string) => {
    const cursor = marked.indexOf('|');
    const code = marked.replace('|', '');
    const place = placeAt(code, cursor);
    if (place === undefined) throw new Error('no place');
    const completions = completionsAt(place, fields);
    const [first] = completions;
    return {
      place,
      labels: completions.map(({ label }) => label),
      accepted: code.slice(0, place.from) + (first?.insert ?? '') + code.slice(place.to),
    };
  };

  it('offers fields, then operators of the field, then `and`', () => {
    expect(offered('|').labels).toEqual(fields.map(({ name }) => name));
    expect(offered('served|').accepted).toBe('servedModel ');
    expect(offered('status >= 500 and mod|').labels).toContain('requestedModel');
    expect(offered('stream |').labels).toEqual(['=', '!=', 'in', 'not in', 'exists']);
    expect(offered('status >= 500 |').labels).toEqual(['and']);
    expect(offered('status in (500|').place.expected).toMatchObject({ what: 'value', field: 'status' });
    expect(offered('status in (500 |').labels).toEqual([',', ')']);
  });

  it('knows the value that is being typed, also between quotes', () => {
    expect(offered('requestedModel = gp|').place).toMatchObject({
      expected: { what: 'value', field: 'requestedModel', op: 'eq' },
      typed: 'gp',
      from: 17,
    });
    expect(offered('requestedModel = "my mo|').place).toMatchObject({ typed: 'my mo', from: 17 });
    expect(offered('requestedModel = |').place).toMatchObject({ typed: '', from: 17 });
  });

  it('writes values so that they are read again', () => {
    expect(completionOf({ value: 'my model' }, 'eq').insert).toBe('"my model" ');
    expect(completionOf({ value: 'k1', label: 'batch' }, 'in')).toEqual({
      label: 'batch',
      description: 'k1',
      insert: 'k1',
    });
  });
});

describe('the nearest word', () => {
  it('is none when nothing is near', () => {
    expect(nearest('x', ['status', 'outcome'])).toBeUndefined();
    expect(nearest('Status', ['status'])).toBe('status');
    expect(nearest('a'.repeat(10_000), ['status'])).toBeUndefined();
  });
});
