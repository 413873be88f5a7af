/** JSON while it is looked at without its type: fields are named by paths. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All values at a path; lists on the way are walked through. */
export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, path));
  const [key, ...rest] = path;
  if (key === undefined) return value === undefined || value === null ? [] : [value];
  return isObject(value) && Object.hasOwn(value, key) ? valuesAt(value[key], rest) : [];
}

/**
 * A copy in which the texts at a path are replaced, or left out where `replace` gives nothing. An object that this
 * leaves empty goes too, since it would tell that something had been there.
 */
export function replacedAt(
  value: unknown,
  path: readonly string[],
  replace: (text: string) => string | undefined,
): unknown {
  if (Array.isArray(value)) return value.map((one) => replacedAt(one, path, replace));
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === 'string' ? replace(value) : undefined;
  if (!isObject(value) || !Object.hasOwn(value, key)) return value;
  const { [key]: old, ...others } = value;
  const made = replacedAt(old, rest, replace);
  const empty = made === undefined || (isObject(made) && Object.keys(made).length === 0);
  return empty ? others : { ...others, [key]: made };
}
