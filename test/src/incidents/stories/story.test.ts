import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Candidate, rankSuspects, weighChange } from '@aisix-observability/evidence';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../gateway/random.ts';
import { loadMeta, STORIES } from '../../recordings/index.ts';
import { expectedVerdict, FAULTS } from './expectedVerdict.ts';
import { evidenceOf, invent, loadStory, type Story } from './story.ts';

/** First candidates of the incidents around a time, as of 22 s later: the first look and what is on its way. */
function firstOnes(evidence: ReturnType<typeof evidenceOf>, start: number): Candidate[] {
  const incidents = rankSuspects(evidence, { start }, start + 22_000);
  return incidents.flatMap(({ candidates }) => candidates.slice(0, 1));
}

/** Onsets of the story with what caused them. */
function onsetsOf({ changes, outages }: Story) {
  return [
    ...changes
      .filter(({ effect }) => FAULTS.has(effect))
      .map(({ change }) => ({ at: change.effective[0]?.at ?? change.occurredAt, kind: 'change', cause: change.id })),
    ...outages.map(({ from, providerKey }) => ({ at: from, kind: 'provider', cause: providerKey })),
  ];
}

const isCause = ({ kind, cause }: { kind: string; cause: string }, candidate: Candidate) =>
  candidate.kind === kind && (candidate.id === cause || candidate.name === cause);

const stories = STORIES.map(loadStory);

/** Invented changes of each story. */
const FAKES = 60;
/** Decoys of each onset. */
const DECOYS = 4;

describe.each(stories)('$name', (story) => {
  const evidence = evidenceOf(story);
  const { name, window, changes } = story;

  it('every fault is a suspect, every fix is recognised, nothing else is blamed', () => {
    const said = changes.map(({ n, change, effect }) => {
      const { verdict } = weighChange(evidence, change, window.to);
      const expected = expectedVerdict(story, { n, change, effect });
      return { n, verdict: expected === undefined && verdict !== 'suspect' ? 'not a suspect' : verdict };
    });
    expect(said).toEqual(
      changes.map((item) => ({ n: item.n, verdict: expectedVerdict(story, item) ?? 'not a suspect' })),
    );
  });

  it('the cause is first 20 s after every onset, and outages are called outages', () => {
    for (const onset of onsetsOf(story)) {
      const first = firstOnes(evidence, onset.at);
      expect([
        onset,
        first.map(({ kind, name: called }) => `${kind} ${called}`),
        first.some((one) => isCause(onset, one)),
      ]).toEqual([onset, expect.anything(), true]);
    }
  });

  it('without a start every trouble is an incident of its own, with its cause first, and there are no others', () => {
    const incidents = rankSuspects(evidence, {}, window.to);
    const firsts = incidents.map(({ candidates }) => candidates[0]);
    const onsets = onsetsOf(story);
    const found = onsets.map((onset) => firsts.filter((first) => first !== undefined && isCause(onset, first)).length);
    expect([found, incidents.length]).toEqual([onsets.map(() => 1), onsets.length]);
  });

  it('a change within half a minute before an onset does not win', () => {
    const random = createRandom(name.length + 1);
    const won: string[] = [];
    for (const onset of onsetsOf(story)) {
      for (let round = 0; round < DECOYS; round++) {
        const { n, change } = random.pick(
          changes.filter(({ effect, change: { id } }) => effect !== 'rejected' && id !== onset.cause),
        );
        const decoy = invent(change, Math.round(onset.at - 1_000 - random.next() * 29_000), 'decoy');
        const first = firstOnes(evidenceOf(story, [decoy]), onset.at);
        if (first.some(({ id }) => id === 'decoy') || !first.some((one) => isCause(onset, one))) {
          won.push(`${n} ${Math.round((onset.at - decoy.occurredAt) / 1000)} s before ${onset.kind} ${onset.cause}`);
        }
      }
    }
    expect(won).toEqual([]);
  });
});

it('changes that never happened are rarely blamed, whenever they are said to have been made', () => {
  const blamed = stories.flatMap((story) => {
    const { name, changes, window } = story;
    const random = createRandom(name.length);
    const possible = changes.filter(({ effect }) => effect !== 'rejected');
    return Array.from({ length: FAKES }, (_, fake) => {
      const at = window.from + 60_000 + random.next() * (window.to - window.from - 120_000);
      const invented = invent(random.pick(possible).change, Math.round(at), `fake-${fake}`);
      return weighChange(evidenceOf(story, [invented]), invented, window.to);
    }).filter(({ verdict }) => verdict === 'suspect');
  });
  // One in a hundred.
  expect(blamed.length, blamed.map(({ sentence }) => sentence).join('\n')).toBeLessThanOrEqual(
    (STORIES.length * FAKES) / 100,
  );
});

it('the guide to verdicts tells what is found in the stories', () => {
  const guide = readFileSync(new URL('../../../../docs/how-verdicts-are-made.md', import.meta.url), 'utf8');
  const told = [
    ['story', 17, '0 of 860 before, 188 of 247 ', '0 of 860 before, 188 of 247 after'],
    ['story-2', 25, '0 of 1018, then 552 of 995', '0 of 1018 before, 552 of 995 after'],
    [
      'story-2',
      26,
      '8 of 327 answers by `backup-small`, then 100 of 100',
      '8 of 327 before, 100 of 100 after, 1.51 times',
    ],
    ['story-2', 28, '61 of 182 timeouts', '61 of 182 after'],
  ] as const;
  for (const [name, number, inGuide, found] of told) {
    const story = stories.find((one) => one.name === name);
    const change = story?.changes.find(({ n }) => n === number)?.change;
    if (story === undefined || change === undefined) throw new RangeError(`${name} has no change ${number}`);
    expect(guide).toContain(inGuide);
    expect(weighChange(evidenceOf(story), change, story.window.to).sentence).toContain(found);
  }
});

it('the product does not know the stories', () => {
  const names = STORIES.flatMap((name) => Object.keys(loadMeta(name).ids).map((key) => key.split('/')[1] ?? ''));
  const known = new Set([...names, ...STORIES.flatMap((name) => Object.values(loadMeta(name).ids))]);
  const root = fileURLToPath(new URL('../../../../evidence/src/investigate/', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing/'),
  );
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    const text = readFileSync(`${root}/${file}`, 'utf8');
    for (const word of known) {
      // "smart" and the like are words of English, too: only as a name of its own, in quotes.
      expect([file, word, new RegExp(`['"\`]${word}['"\`]`).test(text)]).toEqual([file, word, false]);
    }
    expect(text).not.toMatch(/2026-11-23|17954[12]\d{4}/);
  }
});
