import { FIRST_DESIGN } from '../baselines/b3b5.ts';
import { FISHER } from '../baselines/fisher.ts';
import { LATEST } from '../baselines/latest.ts';
import type { Algorithm } from './algorithm.ts';
import { product, without } from './product.ts';

/** Everything that is judged; the product first. */
export const ALGORITHMS: readonly Algorithm[] = [
  product('product'),
  without('without shrinking the control (1)', 'shrinkControl'),
  without('without mechanisms (4)', 'mechanisms'),
  without('without onset (5)', 'onset'),
  without('without target mix (9)', 'targetMix'),
  LATEST,
  FISHER,
  FIRST_DESIGN,
];
