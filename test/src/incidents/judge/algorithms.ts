import { FIRST_DESIGN } from '../baselines/b3b5.ts';
import { FISHER } from '../baselines/fisher.ts';
import { LATEST } from '../baselines/latest.ts';
import type { Algorithm } from './algorithm.ts';

/** Everything that is judged; the product first. */
export const ALGORITHMS: readonly Algorithm[] = [LATEST, FISHER, FIRST_DESIGN];
