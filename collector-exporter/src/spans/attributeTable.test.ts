import { expect, it } from 'vitest';
import { ATTRIBUTE } from './attributes.ts';
import { ATTRIBUTE_TABLE } from './attributeTable.ts';

it('the table tells of every attribute, once', () => {
  expect(Object.keys(ATTRIBUTE_TABLE).toSorted()).toEqual(Object.values(ATTRIBUTE).toSorted());
  expect(new Set(Object.values(ATTRIBUTE)).size).toBe(Object.values(ATTRIBUTE).length);
});
