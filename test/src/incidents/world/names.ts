import type { Random } from '../../gateway/random.ts';
import { shuffled } from '../draw.ts';

const BRANDS = ['nimbus', 'lyra', 'borealis', 'quarry', 'tandem', 'halcyon', 'orchid'];
const SIZES = ['large', 'small', 'pro', 'flash', 'vision', 'code', 'lite', 'max'];
const GROUPS = ['default-chat', 'cheap-chat', 'long-answers', 'review-board', 'second-opinion', 'drafts'];
const TEAMS = [
  'search',
  'ads',
  'mail',
  'docs',
  'shop',
  'maps',
  'billing',
  'fraud',
  'hiring',
  'legal',
  'support',
  'labs',
];

/** Names that nobody has twice. */
export interface Names {
  brand(): string;
  model(brand: string): string;
  group(): string;
  team(): string;
}

export function names(random: Random): Names {
  const brands = shuffled(random, BRANDS);
  const groups = shuffled(random, GROUPS);
  const teams = shuffled(random, TEAMS);
  let models = 0;
  let brand = 0;
  let group = 0;
  let team = 0;
  return {
    brand: () => brands[brand++] ?? `brand-${brand}`,
    model: (of) => `${of}-${SIZES[models % SIZES.length]}-${++models}`,
    group: () => groups[group++] ?? `group-${group}`,
    team: () => `${teams[team % teams.length]}-${Math.floor(team++ / teams.length) + 1}`,
  };
}
