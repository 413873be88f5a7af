import { z } from 'zod';
import type { ConfigPath } from './interpolate.ts';

/** Keys that a schema knows at a path: what an unknown key may have been meant to be. */
export function knownKeys(schema: z.core.$ZodType, path: ConfigPath): readonly string[] {
  let current: z.core.$ZodType | undefined = bare(schema);
  for (const step of path) {
    if (current instanceof z.ZodObject) current = (current.shape as Record<string, z.core.$ZodType>)[String(step)];
    else if (current instanceof z.ZodArray) current = current.element as z.core.$ZodType;
    else return [];
    if (current === undefined) return [];
    current = bare(current);
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

/** Without `optional` and `default` around it. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) inner = inner.unwrap() as z.core.$ZodType;
  return inner;
}
