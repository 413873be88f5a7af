import type { Story, StoryChange } from './story.ts';

/** Effects that a change is to be blamed for. */
export const FAULTS: ReadonlySet<StoryChange['effect']> = new Set(['fault', 'slow', 'vanish']);

/** What the last look has to say; for changes without an effect only that they are no suspects. */
export function expectedVerdict({ name }: Story, { n, effect }: StoryChange): string | undefined {
  if (FAULTS.has(effect)) return 'suspect';
  if (effect === 'rejected') return 'no_effect';
  if (effect === 'none') return undefined;
  // Puts back what was in force all along; and one that has 20 s of data.
  if (name === 'story' && n === 29) return 'no_effect';
  return name === 'story-2' && n === 31 ? 'undecided' : 'improves';
}
