import type { ConfigPath } from './interpolate.ts';

/** One thing that is wrong in the configuration. All texts are safe to print: escaped, cut, without secrets. */
export interface ConfigProblem {
  /** `inputs.otlp.tokens[0].token`; empty for the whole file. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly hint?: string;
  /** Position in the file, from 1; absent where the value came from nowhere in it. */
  readonly line?: number;
  readonly column?: number;
}

/** All that is wrong in the configuration at once. */
export class ConfigError extends Error {
  readonly code = 'config_invalid';
  /** File name, or what stands for it. */
  readonly source: string;
  readonly problems: readonly ConfigProblem[];

  constructor(source: string, problems: readonly ConfigProblem[]) {
    super(`the configuration has ${problems.length === 1 ? 'an error' : `${problems.length} errors`}`);
    this.name = 'ConfigError';
    this.source = source;
    this.problems = problems;
  }
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `inputs.otlp.tokens[0].token`; keys that are not plain words are quoted and escaped. */
export function showPath(path: ConfigPath): string {
  let shown = '';
  for (const step of path) {
    if (typeof step === 'number') shown += `[${step}]`;
    else if (PLAIN_KEY.test(step) && step.length <= SHOWN_LENGTH) shown += shown === '' ? step : `.${step}`;
    else shown += `[${quote(step)}]`;
  }
  return shown;
}

/** Longer values are cut: the place says where the rest stands. */
const SHOWN_LENGTH = 60;

/** In quotes, cut, without control characters or characters that reorder or hide text. */
export function quote(value: string, longest = SHOWN_LENGTH): string {
  const cut = value.length > longest ? `${value.slice(0, longest)}…` : value;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  );
}

/** Keys whose value is a secret, or a list of them. */
const SECRET_KEY = /secret|tokens?$|password|passwd|authorization|api_?key|private_key|^keys?$/i;
/** Sections in which every value may be one. */
const SECRET_SECTION = /^(headers|credentials?)$/i;

/** `inputs.otlp.tokens[0].token` and `tokens[0]` are secret places, `inputs.otlp.tokens[0].environment` is none. */
function isSecretPlace(path: ConfigPath): boolean {
  const keys = path.filter((step) => typeof step === 'string');
  return SECRET_KEY.test(keys.at(-1) ?? '') || keys.some((key) => SECRET_SECTION.test(key));
}

/** What stands at a place, without showing a secret: its value for a plain scalar, else its kind. */
export function showFound(value: unknown, path: ConfigPath, secrets: ReadonlySet<string>, hidden: boolean): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a section';
  const kind = typeof value === 'string' ? 'a text' : typeof value === 'number' ? 'a number' : String(value);
  if (hidden || isSecretPlace(path)) return `${kind} (not shown)`;
  const shown = String(value);
  for (const secret of secrets) if (shown.includes(secret)) return `${kind} (not shown)`;
  if (typeof value !== 'string') return shown;
  // A URL with credentials in it is refused, and must not be repeated for it; the same for anything that looks so.
  if (/\/\/[^/]*@/.test(value) || /[?&=].*(key|token|secret|sig)/i.test(value)) return 'a text (not shown)';
  return value === '' ? 'an empty text' : quote(value);
}

/** Every text that stands at a secret place of the document, so that it is shown nowhere else either. */
export function secretsOf(document: unknown): ReadonlySet<string> {
  const secrets = new Set<string>();
  const walk = (value: unknown, path: ConfigPath): void => {
    if (typeof value === 'string' || typeof value === 'number') {
      // Very short texts would hide half of every message.
      if (isSecretPlace(path) && String(value).length >= 4) secrets.add(String(value));
    } else if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, [...path, index]);
    else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
    }
  };
  walk(document, []);
  return secrets;
}
