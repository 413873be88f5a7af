/** Width of a slot: every usual width of a chart's bucket above it is a multiple. */
export const SLOT_MINUTES = 5;
export const SLOT_MICROS: number = SLOT_MINUTES * 60 * 1_000_000;
