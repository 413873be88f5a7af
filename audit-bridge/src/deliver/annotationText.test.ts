import { exampleChange, NOON } from '@aisix-observability/evidence/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotationTags, tagsJsonBytes } from './annotationTags.ts';
import { annotationText } from './annotationText.ts';
import { type Marker, markerChange } from './markerContent.ts';
import { timelineUrl } from './timelineUrl.ts';

const one: Marker = {
  id: '0123456789abcdef0123456789abcdef',
  environment: 'prod',
  start: NOON,
  end: NOON,
  count: 1,
  kinds: ['model'],
  actions: ['update'],
  changes: [markerChange(exampleChange())],
};
const seven: Marker = {
  ...one,
  end: NOON + 5_000,
  count: 7,
  kinds: ['api_key', 'model'],
  actions: ['create', 'update'],
};
const marker = fc.record({
  id: fc.stringMatching(/^[0-9a-f]{32}$/),
  environment: fc.option(fc.string({ unit: 'binary', maxLength: 300 })),
  start: fc.constant(NOON),
  end: fc.constant(NOON),
  count: fc.integer({ min: 1, max: 10_000 }),
  kinds: fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 30 }),
  actions: fc.uniqueArray(fc.constantFrom('create' as const, 'update' as const, 'other' as const), { minLength: 1 }),
  changes: fc.array(
    fc.record({
      kind: fc.string({ unit: 'binary' }),
      action: fc.constantFrom('create' as const, 'delete' as const),
      outcome: fc.constantFrom('done' as const, 'failed' as const, 'rejected' as const),
      name: fc.string({ unit: 'binary', maxLength: 500 }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
});

describe('the text', () => {
  it('of one change tells kind, action and environment', () => {
    expect(annotationText(one, 'neutral')).toBe('Model updated (prod)');
    expect(annotationText({ ...one, environment: null }, 'neutral')).toBe('Model updated (organization)');
    const change = { ...one.changes[0], kind: 'api_key', action: 'revoke' as const, outcome: 'failed' as const };
    expect(annotationText({ ...one, changes: [change] }, 'neutral')).toBe('API key revoked (prod), which failed');
  });

  it('names the resource only where asked, escaped and on one line', () => {
    const renamed = exampleChange({
      resource: { kind: 'guardrail', id: 'g', name: 'no\n<b>secret</b>\u202ewords', previousName: 'no "secrets"' },
      state: 'rejected',
    });
    const named = { ...one, changes: [markerChange(renamed)] };
    expect(annotationText(named, 'neutral')).toBe('Guardrail updated (prod), refused by a data plane');
    expect(annotationText(named, 'named')).toBe(
      'Guardrail updated (prod), refused by a data plane: no &lt;b&gt;secret&lt;/b&gt; words, previously no &quot;secrets&quot;',
    );
  });

  it('of several counts them and tells their kinds', () => {
    expect(annotationText(seven, 'neutral')).toBe('7 changes (prod): API key, model');
    expect(annotationText(seven, 'named')).toBe('7 changes (prod): API key, model: gpt-4o, …');
  });

  it('ends with a link that holds what the template asks for', () => {
    const link = timelineUrl(
      'https://grafana/d/x?from={from}&to={to}&var-env={environment}&m={marker}',
      () => new Error(),
    );
    const odd = { ...one, environment: 'a&b "c"' };
    expect(annotationText(odd, 'neutral', link(odd))).toBe(
      `Model updated (a&amp;b &quot;c&quot;) <a href="https://grafana/d/x?from=${NOON - 1_800_000}&amp;to=${NOON + 1_800_000}&amp;var-env=a%26b%20%22c%22&amp;m=${one.id}">Timeline</a>`,
    );
  });

  it.each(['javascript:alert(1)', '/d/x', 'https://x/{actor}', `https://x/${'y'.repeat(2_000)}`])(
    'refuses the template %#',
    (template) => {
      expect(() => timelineUrl(template, (expected) => new Error(expected))).toThrow(/./);
    },
  );

  it('never holds markup of others, a line break or an actor', () => {
    fc.assert(
      fc.property(marker, (any) => {
        const text = annotationText(any, 'named');
        expect(text).not.toMatch(/[<>"\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(text).not.toBe('');
        expect(text.length).toBeLessThan(8_000);
      }),
    );
  });
});

describe('the tags', () => {
  it('say what it is, where, and what happened', () => {
    expect(annotationTags(seven)).toEqual([
      'aisix',
      'evt_0123456789ab',
      'env_prod',
      'action_create',
      'action_update',
      'kind_api_key',
      'kind_model',
    ]);
  });

  it('count as Grafana counts: quotes, commas, no escapes, bytes', () => {
    expect(tagsJsonBytes([])).toBe(2);
    expect(tagsJsonBytes(['aisix', 'ü'])).toBe(Buffer.byteLength('["aisix","ü"]'));
  });

  it('drop kinds before actions, and never what a marker is found by', () => {
    const kinds = Array.from({ length: 60 }, (_, index) => `kind_number_${index}`);
    const tags = annotationTags({ ...seven, kinds });
    expect(tagsJsonBytes(tags)).toBeLessThanOrEqual(500);
    expect(tags.slice(0, 5)).toEqual(['aisix', 'evt_0123456789ab', 'env_prod', 'action_create', 'action_update']);
    expect(tags.length).toBeGreaterThan(10);
    expect(annotationTags(seven, 0)).toEqual(['aisix', 'evt_0123456789ab']);
  });

  it('hold no colon, nothing twice, nothing that Grafana would change, whatever names there are', () => {
    fc.assert(
      fc.property(marker, (any) => {
        const tags = annotationTags(any);
        expect(tagsJsonBytes(tags)).toBeLessThanOrEqual(500);
        expect(new Set(tags).size).toBe(tags.length);
        for (const tag of tags) {
          expect(tag).not.toMatch(/[:\s,"\\]/);
          expect(tag.trim()).toBe(tag);
          expect(Array.from(tag).length).toBeLessThanOrEqual(100);
        }
        // An environment is always told.
        expect(tags.filter((tag) => tag.startsWith('env_'))).toHaveLength(any.environment === null ? 0 : 1);
      }),
    );
  });
});
