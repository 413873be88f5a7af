/** Stands for every name that got no place of its own. */
export const OTHER = 'other';

/** Longer names are no names; their label would cost more than it says. */
const MAX_NAME_LENGTH = 128;

/**
 * Keeps a label's set of values bounded: the first `limit` names keep their own value for the life of the process (a
 * series that changed its meaning would be worse than a missing one), all others are `other`.
 */
export class BoundedNames {
  readonly #known = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * @param earned Whether this sighting may take a place. Names that only a caller vouches for may not: a client that
   *   asks for made-up models would fill all places before the real ones come.
   */
  label(name: string, earned: boolean): string {
    if (this.#known.has(name)) return name;
    if (!earned || this.#known.size >= this.#limit || name === '' || name.length > MAX_NAME_LENGTH) return OTHER;
    this.#known.add(name);
    return name;
  }
}
