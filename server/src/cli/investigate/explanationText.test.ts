import type { ConfigChange, RequestExplanation } from '@aisix-observability/evidence';
import { exampleChange } from '@aisix-observability/evidence/testing';
import { expect, it } from 'vitest';
import { explanationText } from './explanationText.ts';

const T = Date.parse('2026-11-23T06:00:00Z');

const earlier = (id: string, given: Partial<ConfigChange> = {}): RequestExplanation['changes'][number] => ({
  change: exampleChange({
    id,
    occurredAt: T - 60_000,
    observedAt: T - 60_000,
    resource: { kind: 'provider_key', id: 'pk-1', name: 'first' },
    environment: 'e-1',
    ...given,
  }),
  ageMs: 60_000,
  role: 'provider key',
  certain: true,
  met: 'in_force',
});

const said = (given: Partial<RequestExplanation>): RequestExplanation => ({
  environment: 'e-1',
  requestId: 'r-1',
  n: 0,
  startTime: T,
  outcome: 'provider_auth',
  outcomeClass: 'provider_refused_key',
  sentence: 'The provider refused the key.',
  evidence: [],
  configuration: { at: T, source: 'wanted', dataPlanes: [], complete: false },
  resources: [],
  changes: [],
  changesSentence: 'Something changed.',
  attempts: [],
  unknowns: [],
  ...given,
});

const text = (given: Partial<RequestExplanation>) => explanationText(said(given), new Map([['e-1', 'prod']]));

it('a suspect says why, a person has the last word, and the newest twenty are enough, but for older suspects', () => {
  const computed = {
    value: 'suspect',
    reason: 'x',
    look: '+1m',
    at: T,
    sentence: '0 of 9, then 9 of 9.',
    settled: true,
  };
  const changes = [
    earlier('c-0', { verdict: { computed, human: { value: 'confirmed', by: 'kim', at: T } } }),
    ...Array.from({ length: 24 }, (_, index) => earlier(`c-${index + 1}`)),
    earlier('c-25', { verdict: { computed } }),
    earlier('c-26', { verdict: { computed, human: { value: 'cleared', by: 'kim', at: T } } }),
  ];
  const shown = text({ changes });
  expect(shown).toContain('in force, confirmed [c-0]\n      0 of 9, then 9 of 9.\n');
  expect(shown).toContain('[c-19]');
  expect(shown).not.toContain('[c-20]');
  expect(shown).toContain('suspect [c-25]');
  expect(shown).not.toContain('[c-26]');
  expect(shown).toContain('    … and 6 older ones\n');
});

it('what is not certain says why', () => {
  const resource = {
    kind: 'provider_key',
    name: 'first',
    role: 'provider key',
    certain: false,
    standing: 'unknown',
  } as const;
  expect(text({ resources: [resource] })).toContain('provider_key first, not known here, by its label only');
  expect(text({ resources: [{ ...resource, kind: 'budget' }] })).toContain('by its scope only');
});
