import { expect, test } from 'vitest';
import { briefMemory } from './briefMemory.ts';
import { prepareEvidence, touchedBy } from './evidence.ts';
import { rankSuspects } from './rankSuspects.ts';
import {
  after,
  broken,
  change,
  END,
  evidenceOf,
  PROVIDER_A,
  REFUSED_KEY,
  SECRET,
  T0,
} from './testing/exampleWindow.ts';
import { weighChange } from './weighChange.ts';

test('remembers as many as there is room for, the ones asked for last, of each kind', () => {
  const memory = briefMemory(0, 1_000, 6_000);
  const made: string[] = [];
  const ask = (name: string) =>
    memory.of('marks', name, () => {
      made.push(name);
      return name;
    });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'a', 'g', 'a', 'b']) expect(ask(name)).toBe(name);
  expect(made).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'b']);
  expect(memory.of('symptom', 'a', () => 'other')).toBe('other');
});

const rows = broken((one) => (after(one) && one.requestedModel === 'one' ? REFUSED_KEY : undefined));
const many = Array.from({ length: 40 }, (_, place) =>
  change(`change-${place}`, PROVIDER_A, SECRET, { at: (place - 20) * 1_000 }),
);

test('what is forgotten and made again is the same: verdicts and ranks do not depend on the room', () => {
  const roomy = evidenceOf(rows, many);
  const narrow = prepareEvidence(roomy.input, roomy.parameters, 1);
  for (const one of many) expect(weighChange(narrow, one, END)).toEqual(weighChange(roomy, one, END));
  for (const query of [{}, { start: T0 }]) {
    expect(rankSuspects(narrow, query, END)).toEqual(rankSuspects(roomy, query, END));
  }
});

test('whom many changes touch is not kept for all of them', () => {
  const { input, parameters } = evidenceOf(rows, many);
  const evidence = prepareEvidence(input, parameters, 1);
  const [first, ...others] = evidence.changes;
  if (first === undefined) throw new Error('there are changes');
  const marks = touchedBy(evidence, first);
  expect(touchedBy(evidence, first)).toBe(marks);
  for (const other of others) touchedBy(evidence, other);
  expect(touchedBy(evidence, first)).not.toBe(marks);
  expect(touchedBy(evidence, first)).toEqual(marks);
});
