import { ruleOfKind, UNKNOWN_KIND_RULE } from '../kinds.ts';
import { fieldsOf, type Rule } from '../rule.ts';

/** Secrets for all places of a document. */
export interface Planted {
  /** For texts that the rules let pass: a pattern has to know it. Asked for once a place. */
  readonly shaped: () => string;
  /** For what the rules hash: no pattern knows it, only the allow-list holds it back. */
  readonly unshaped: string;
}

/** Nobody has written rules for it. */
export const UNKNOWN_KIND = 'something_new';

/** Conditions may hold conditions. */
const MAX_DEPTH = 6;

/** A document of a kind with a secret in every field that its rules know, and in fields that they do not. */
export function plantedDocument(kind: string, planted: Planted): Readonly<Record<string, unknown>> {
  const { shaped, unshaped } = planted;
  const rule = ruleOfKind(kind);
  return {
    ...(plantedIn(rule ?? UNKNOWN_KIND_RULE, planted, 0) as Readonly<Record<string, unknown>>),
    name: shaped(),
    unknown_field: unshaped,
    [`${unshaped}-1`]: unshaped,
    nested: { [unshaped]: [unshaped] },
    // Names of fields that look like names are shown, but for kinds that are not known.
    ...(rule === undefined && { [unshaped.replaceAll(/[^a-z-]/gi, 'a')]: 1, [unshaped]: 1 }),
  };
}

function plantedIn(rule: Rule, planted: Planted, depth: number): unknown {
  const { shaped, unshaped } = planted;
  switch (rule.type) {
    case 'label':
    case 'url':
      return shaped();
    // In the wrong type, so that it may not pass by its place.
    case 'number':
    case 'flag':
    case 'secret':
      return depth % 2 === 0 ? unshaped : { inner: [unshaped], [unshaped]: 1 };
    case 'list':
      return depth > MAX_DEPTH ? unshaped : [plantedIn(rule.of, planted, depth + 1), unshaped.length];
    case 'map':
      return {
        plain: plantedIn(rule.of, planted, depth + 1),
        [shaped()]: plantedIn(rule.of, planted, depth + 1),
      };
    case 'either':
      return rule.of.map((one) => plantedIn(one, planted, depth + 1))[0];
    case 'object':
      return Object.fromEntries(
        depth > MAX_DEPTH
          ? []
          : Object.entries(fieldsOf(rule.fields)).map(([name, field]) => [name, plantedIn(field, planted, depth + 1)]),
      );
  }
}
