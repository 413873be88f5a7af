import type { ScopedVars, TypedVariableModel } from '@grafana/data';
import { QueryFailure } from '../api/queryFailure';
import { SERVER_LIMITS } from './limits';

/** Of Grafana's template service what is needed; a parameter, so that tests need no Grafana. */
export interface Templates {
  replace(
    text: string,
    scopedVars?: ScopedVars,
    format?: string | ((value: string | string[], variable: { readonly name?: string }) => string),
  ): string;
  getVariables(): readonly Pick<TypedVariableModel, 'name' | 'type'>[];
}

/** Every value that a text stands for. `all`: it names a variable that stands for everything, so that it limits nothing. */
export interface Interpolated {
  readonly values: readonly string[];
  readonly all: boolean;
}

const ALL = '$__all';

/** Stands for the place of a variable while Grafana replaces the rest; no text that somebody typed has it. */
const MARK = '\u0000';

/** Names of variables in a text, in the three ways in which Grafana writes them. */
const NAMES = /\$(\w+)|\$\{(\w+)|\[\[(\w+)/g;

/**
 * The values of a text with variables in it. Values are never joined and taken apart again, so that quotes, commas and
 * pipes in them mean nothing; a text with two variables of several values gives every combination. Variables with a
 * format of their own (`${model:csv}`) are text of one value, as Grafana writes it. Where one of them is All there are no
 * values: they may be more than can be asked for, and are not needed.
 *
 * @throws QueryFailure beyond the number of values that one filter may have
 */
export function interpolate(text: string, templates: Templates, scopedVars: ScopedVars = {}): Interpolated {
  if (!text.includes('$') && !text.includes('[[')) return { values: [text], all: false };
  if (namesAll(text, templates, scopedVars)) return { values: [], all: true };
  const found: string[][] = [];
  const marked = templates.replace(text.replaceAll(MARK, ''), scopedVars, (value) => {
    const values = textsOf(value);
    found.push(values);
    return `${MARK}${found.length - 1}${MARK}`;
  });
  if (found.some((values) => values.includes(ALL))) return { values: [], all: true };
  const pieces = marked.split(MARK);
  // Odd pieces are places of variables, even ones what stands between them.
  const values = pieces.reduce<readonly string[]>(
    (texts, piece, at) =>
      at % 2 === 0 ? texts.map((each) => each + piece) : combine(texts, found[Number(piece)] ?? []),
    [''],
  );
  return { values: [...new Set(values)], all: false };
}

const textsOf = (value: string | string[]) =>
  (Array.isArray(value) ? value : [value]).map((each) => String(each ?? ''));

/** Whether the text names a variable for which All is chosen, where the text is. */
function namesAll(text: string, templates: Templates, scopedVars: ScopedVars): boolean {
  const names = new Set([...text.matchAll(NAMES)].map(([, a, b, c]) => a ?? b ?? c));
  return templates
    .getVariables()
    .some(
      (variable) => names.has(variable.name) && isAll(variable) && !isRepeated(variable.name, templates, scopedVars),
    );
}

function isAll(variable: Pick<TypedVariableModel, 'name' | 'type'>): boolean {
  if (!('current' in variable)) return false;
  const { value } = variable.current as { readonly value?: unknown };
  return Array.isArray(value) ? value.includes(ALL) : value === ALL;
}

/**
 * Whether a panel that is repeated has a value of its own in place of the dashboard's All. Before Scenes that value is in
 * `scopedVars`; in Scenes it is in the panel, and only what a format function is called with tells it: one text for a
 * value of the panel, a list for All, and no call at all for a custom value of All.
 */
function isRepeated(name: string, templates: Templates, scopedVars: ScopedVars): boolean {
  if (Object.hasOwn(scopedVars, name)) return true;
  let repeated = false;
  templates.replace(`\${${name}}`, scopedVars, (value) => {
    repeated = !Array.isArray(value) && value !== ALL;
    return '';
  });
  return repeated;
}

function combine(texts: readonly string[], values: readonly string[]): readonly string[] {
  if (texts.length * values.length > SERVER_LIMITS.filterValues) {
    throw new QueryFailure(
      `The variables of one filter have ${texts.length * values.length} values together; at most ${SERVER_LIMITS.filterValues} are possible. Choose fewer, or All.`,
    );
  }
  return texts.flatMap((text) => values.map((value) => text + value));
}

/** One value. @throws QueryFailure when there are several */
export function interpolateOne(what: string, text: string, templates: Templates, scopedVars?: ScopedVars): string {
  const { values, all } = interpolate(text, templates, scopedVars);
  if (all) return '';
  if (values.length > 1) {
    throw new QueryFailure(`${what} takes one value, and its variable has ${values.length}: choose one.`);
  }
  return values[0] ?? '';
}
