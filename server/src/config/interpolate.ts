/** Where a value stands in the file: keys and list positions from the root. */
export type ConfigPath = readonly (string | number)[];

export interface Interpolated {
  readonly value: unknown;
  /** Paths whose text came (in part) from the environment: never shown again. */
  readonly fromEnvironment: readonly ConfigPath[];
  /** Variables that do not exist and have no default. */
  readonly missing: readonly { readonly path: ConfigPath; readonly variable: string }[];
  /** `${` that is no reference: unclosed, or not a variable's name. */
  readonly malformed: readonly { readonly path: ConfigPath }[];
}

/** `$${` stands for a literal `${`; `${NAME}` and `${NAME:-default}` are references. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

/**
 * Replaces references to environment variables in every text of a document. An empty variable counts as missing
 * where no default is given: an empty secret is a mistake, never a wish.
 */
export function interpolate(document: unknown, env: Readonly<Record<string, string | undefined>>): Interpolated {
  const fromEnvironment: ConfigPath[] = [];
  const missing: { path: ConfigPath; variable: string }[] = [];
  const malformed: { path: ConfigPath }[] = [];

  const text = (value: string, path: ConfigPath): string => {
    let touched = false;
    const replaced = value.replace(REFERENCE, (whole, variable: string | undefined, initial: string | undefined) => {
      if (whole === '$${') return '${';
      if (variable === undefined) {
        malformed.push({ path });
        return whole;
      }
      touched = true;
      const found = env[variable];
      if (found !== undefined && found !== '') return found;
      if (initial !== undefined) return initial;
      missing.push({ path, variable });
      return whole;
    });
    if (touched) fromEnvironment.push(path);
    return replaced;
  };

  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (typeof value === 'string') return text(value, path);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
    }
    return value;
  };

  return { value: walk(document, []), fromEnvironment, missing, malformed };
}
