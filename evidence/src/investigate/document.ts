/** A redacted document of a resource; its fields are read tolerantly, since any gateway version may have written it. */
export type ResourceValue = Readonly<Record<string, unknown>>;

/** The text at a path, where there is one. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, path);
  return typeof found === 'number' ? found : undefined;
}

/** The texts of a list at a path; undefined where there is no list. */
export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] | undefined {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found.filter((one): one is string => typeof one === 'string') : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const step of path) {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, step)) return undefined;
    found = (found as ResourceValue)[step];
  }
  return found;
}
