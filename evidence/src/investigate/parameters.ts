import type { Ablations, InvestigationParameters } from './model.ts';

const MINUTE = 60_000;

/** Everything on: what the product does. */
export const NO_ABLATION: Ablations = { shrinkControl: true, mechanisms: true, onset: true, targetMix: true };

/** Windows and looks of the product. */
export const PRODUCT_PARAMETERS: InvestigationParameters = {
  beforeMillis: 20 * MINUTE,
  historyMillis: 60 * MINUTE,
  looks: [
    // The earliest that keeps false suspects rare (docs/decisions.md, "The first look"); the rest is less urgent.
    { name: '+10s', afterMillis: 10_000, probability: 0.9999, early: true },
    { name: '+30s', afterMillis: 30_000, probability: 0.9999, early: true },
    { name: '+1m', afterMillis: MINUTE, probability: 0.9999 },
    { name: '+2m', afterMillis: 2 * MINUTE, probability: 0.9995 },
    { name: '+5m', afterMillis: 5 * MINUTE, probability: 0.998 },
    { name: '+10m', afterMillis: 10 * MINUTE, probability: 0.995 },
    { name: '+20m', afterMillis: 20 * MINUTE, probability: 0.99 },
  ],
  guardMillis: 45_000,
  stepMillis: 10_000,
  ablations: NO_ABLATION,
};
