import { expect, it } from 'vitest';
import { createOrder } from './pollOrder.ts';

it.each([
  [
    [
      [1, 2],
      [2, 3],
    ],
    true,
  ],
  [[[1], [1]], false],
  [[[2]], false],
  [[], false],
  [[[3, 2]], false],
  [
    [
      [1, 2],
      [1, 3],
    ],
    false,
  ],
])('rows at %j come in order: %s', (pages, expected) => {
  const order = createOrder();
  for (const times of pages) order.seen(times);
  expect(order.isAscending()).toBe(expected);
});
