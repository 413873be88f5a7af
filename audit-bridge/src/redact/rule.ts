/**
 * What may be kept of a value. What no rule allows, and what does not have the type that its rule says, is hashed
 * whole: a secret in the wrong place must not pass because of the place.
 */
export type Rule =
  | { readonly type: 'label' | 'number' | 'flag' | 'url' | 'secret' }
  | { readonly type: 'list'; readonly of: Rule }
  /** Names chosen by people, all with values of one kind. */
  | { readonly type: 'map'; readonly of: Rule }
  /** `fields` is a function where a rule contains itself. */
  | { readonly type: 'object'; readonly fields: Fields | (() => Fields) }
  | { readonly type: 'either'; readonly of: readonly Rule[] };

export type Fields = Readonly<Record<string, Rule>>;

/** A name, an id, a word, a time: one short line. */
export const label: Rule = { type: 'label' };
export const number: Rule = { type: 'number' };
export const flag: Rule = { type: 'flag' };
/** Keeps scheme, host and path. */
export const url: Rule = { type: 'url' };
/** Hashed; written down where a reader would wonder whether it was forgotten. */
export const secret: Rule = { type: 'secret' };

export function list(of: Rule): Rule {
  return { type: 'list', of };
}

export function map(of: Rule): Rule {
  return { type: 'map', of };
}

export function object(fields: Fields | (() => Fields)): Rule {
  return { type: 'object', fields };
}

export function either(...of: readonly Rule[]): Rule {
  return { type: 'either', of };
}

export const labels: Rule = list(label);
/** Ids are texts with most systems, numbers with some. */
export const id: Rule = either(label, number);

export function fieldsOf(fields: Fields | (() => Fields)): Fields {
  return typeof fields === 'function' ? fields() : fields;
}

/** The rule for one step into a value; `secret` where none is written down. */
export function ruleAt(rule: Rule, key: string): Rule {
  switch (rule.type) {
    case 'object': {
      const fields = fieldsOf(rule.fields);
      return Object.hasOwn(fields, key) ? (fields[key] ?? secret) : secret;
    }
    case 'map':
    case 'list':
      return rule.of;
    case 'either': {
      const inner = rule.of.find(({ type }) => type === 'object' || type === 'map' || type === 'list');
      return inner === undefined ? secret : ruleAt(inner, key);
    }
    default:
      return secret;
  }
}
