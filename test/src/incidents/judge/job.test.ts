import { expect, it } from 'vitest';
import { simulateWindow } from '../simulateWindow.ts';
import { drawWindow } from './job.ts';

it('a seed whose world has nothing to break is drawn anew, the same way every time', () => {
  const cell = { rate: 3, situation: 'hidden' } as const;
  expect(() => simulateWindow(cell, 100_017)).toThrow(RangeError);
  expect(drawWindow(cell, 100_017).seed).toBe(1_100_017);
  expect(() => drawWindow(cell, 100_017, 0)).toThrow('worth breaking');
  expect(drawWindow(cell, 100_019).seed).toBe(100_019);
});
