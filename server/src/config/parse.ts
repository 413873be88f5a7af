import { homedir } from 'node:os';
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { adviceFor } from './advice.ts';
import type { Config } from './config.ts';
import { crossCheck } from './crossCheck.ts';
import { environmentDestination } from './environmentDestination.ts';
import { type ConfigPath, interpolate } from './interpolate.ts';
import { knownKeys } from './knownKeys.ts';
import { locate, type Place } from './locate.ts';
import { nearest } from './nearest.ts';
import { ConfigError, type ConfigProblem, quote, secretsOf, showFound, showPath } from './problem.ts';
import { defaultKeyFile } from './redactionKey.ts';
import { FILE_SCHEMA, LATER_SECTIONS } from './schema.ts';
import { toConfig } from './toConfig.ts';

export interface ParseOptions {
  /** Where `${NAME}` looks. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths of the file start here. */
  readonly baseDir: string;
  /** Name of the file in messages. */
  readonly source: string;
}

export interface ParsedConfig {
  readonly config: Config;
  /** Sentences for the operator: what is ignored, and what is open to the network without protection. */
  readonly warnings: readonly string[];
}

/** A file that names itself by aliases a million times over is no configuration. */
const MAX_ALIASES = 100;

/** The largest file that is read: far beyond any real one. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/**
 * Reads the text of a configuration file.
 *
 * @throws ConfigError with everything that is wrong, each with its path, place, what was found and what was expected.
 */
export function parseConfig(text: string, options: ParseOptions): ParsedConfig {
  const lines = new LineCounter();
  // Pretty errors of the parser quote the line they are about, which may hold a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', logLevel: 'error' });
  const faults = [...document.errors.map(({ code, pos }) => ({ code, at: pos[0] })), ...unusableAliases(document)];
  if (faults.length > 0) {
    throw new ConfigError(
      options.source,
      faults.map(({ code, at }) => {
        const { line, col } = lines.linePos(at);
        return { path: '', line, column: col, ...yamlProblem(code) };
      }),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch {
    throw new ConfigError(options.source, [
      { path: '', found: 'aliases that do not resolve, or too many of them', expected: 'a plain YAML document' },
    ]);
  }
  return checkDocument(value, options, (path, atKey) => locate(document, lines, path, atKey));
}

/**
 * The same for a document that is already an object in the shape of the file (the demo, tests).
 *
 * @throws ConfigError
 */
export function configFrom(value: unknown, options: Partial<ParseOptions> = {}): ParsedConfig {
  return checkDocument(
    value,
    { env: {}, baseDir: process.cwd(), source: 'configuration', ...options },
    () => undefined,
  );
}

function checkDocument(
  document: unknown,
  options: ParseOptions,
  placeOf: (path: ConfigPath, atKey?: boolean) => Place | undefined,
): ParsedConfig {
  const { supported, warnings } = withoutLaterSections(document);
  const { value, fromEnvironment, missing, malformed } = interpolate(supported, options.env);
  const secrets = secretsOf(value);
  const hidden = new Set(fromEnvironment.map(showPath));
  const told = new Set<string>();
  const problems: (ConfigProblem & { at: ConfigPath })[] = [];
  const tell = (
    path: ConfigPath,
    problem: { found?: string | undefined; expected: string; hint?: string | undefined },
    atKey = false,
  ) => {
    const shown = showPath(path);
    // One value is told once: a variable that is missing explains why the text in its place is no port.
    if (told.has(shown)) return;
    told.add(shown);
    const found = problem.found ?? showFound(valueAt(value, path), path, secrets, hidden.has(shown));
    const { expected, hint } = problem;
    problems.push({
      at: path,
      path: shown,
      found,
      expected,
      ...(hint === undefined ? {} : { hint }),
      ...placeOf(path, atKey),
    });
  };

  for (const { path, variable } of missing) {
    tell(path, {
      found: `a reference to \${${variable}}, which is not set`,
      expected: 'an environment variable that is set and not empty',
      hint: `set ${variable}, or write \${${variable}:-default}`,
    });
  }
  for (const { path } of malformed) {
    tell(path, {
      found: '`$` and `{` without a name and `}`',
      expected: 'a name in braces, or two dollar signs for the characters themselves',
    });
  }
  const parsed = FILE_SCHEMA.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) {
    const path = issue.path as ConfigPath;
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(FILE_SCHEMA, path);
      for (const key of issue.keys) {
        const near = nearest(key, known);
        tell(
          [...path, key],
          {
            found: `an unknown key ${quote(key)}`,
            expected: `one of ${known.join(', ')}`,
            hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
          },
          true,
        );
      }
    } else if (issue.code === 'invalid_key') {
      tell(path, { found: 'a name with other characters', expected: issue.issues[0]?.message ?? 'a plain name' }, true);
    } else tell(path, { expected: issue.message });
  }
  for (const { path, ...problem } of crossCheck(value)) tell(path, problem);

  const fromVariables = hasDestinations(value) ? undefined : environmentDestination(options.env);
  for (const problem of fromVariables?.problems ?? []) problems.push({ at: [], ...problem });

  if (parsed.data === undefined || problems.length > 0) {
    throw new ConfigError(options.source, inFileOrder(problems));
  }
  const fromFile = toConfig(parsed.data, {
    baseDir: options.baseDir,
    stateKeyFile: defaultKeyFile(options.env, options.env.HOME || homedir()),
  });
  const config = fromVariables === undefined ? fromFile : { ...fromFile, destinations: fromVariables.destinations };
  return { config, warnings: [...warnings, ...adviceFor(config)] };
}

/** Variables only speak where the file does not, even where what it says is wrong. */
function hasDestinations(document: unknown): boolean {
  const destinations = valueAt(document, ['destinations']);
  return destinations !== undefined && !(Array.isArray(destinations) && destinations.length === 0);
}

/** Sections of later versions are taken out before anything looks at them. */
function withoutLaterSections(document: unknown): { supported: unknown; warnings: string[] } {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return { supported: document, warnings: [] };
  }
  const present = LATER_SECTIONS.filter((name) => name in document);
  const supported = Object.fromEntries(
    Object.entries(document).filter(([key]) => !present.some((name) => name === key)),
  );
  return {
    supported,
    warnings: present.map((name) => `section \`${name}\` is not supported by this version and is ignored`),
  };
}

function valueAt(document: unknown, path: ConfigPath): unknown {
  let value = document;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function inFileOrder(problems: readonly (ConfigProblem & { at: ConfigPath })[]): ConfigProblem[] {
  return problems
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
    .map(({ at: _, ...problem }) => problem);
}

/**
 * Aliases without their anchor, and those that stand inside of what they name: the parser only stumbles over the first
 * when it makes values, and repeats their names; the second make values without end.
 */
function unusableAliases(document: Document): { code: string; at: number }[] {
  const found: { code: string; at: number }[] = [];
  visit(document, {
    Alias(_key, alias, path) {
      const named = alias.resolve(document);
      const at = alias.range?.[0] ?? 0;
      if (named === undefined) found.push({ code: 'BAD_ALIAS', at });
      else if (path.some((node) => node === named)) found.push({ code: 'ENDLESS_ALIAS', at });
    },
  });
  return found;
}

/** The parser's own sentences repeat what stands in the file, so each code gets one of ours. */
const YAML_PROBLEMS: Readonly<Record<string, { found: string; expected: string }>> = {
  DUPLICATE_KEY: { found: 'the same key twice', expected: 'each key once' },
  BAD_ALIAS: { found: 'an alias (`*name`) without its anchor', expected: 'a text in quotes if it starts with `*`' },
  ENDLESS_ALIAS: { found: 'an alias (`*name`) inside of what it names', expected: 'sections that have an end' },
  BLOCK_AS_IMPLICIT_KEY: { found: 'a second `: ` on one line', expected: 'a text in quotes, or a line for each key' },
  BAD_INDENT: { found: 'indentation that does not fit', expected: 'entries of one section at one depth' },
  TAB_AS_INDENT: { found: 'a tab as indentation', expected: 'blanks' },
  MISSING_CHAR: { found: 'a quote, bracket or colon that is missing', expected: 'its counterpart' },
  MULTIPLE_DOCS: { found: 'more than one document', expected: 'one YAML document' },
  BAD_SCALAR_START: { found: 'a text that starts with a reserved character', expected: 'the text in quotes' },
  TAG_RESOLVE_FAILED: { found: 'an unknown tag (`!name`)', expected: 'plain YAML without tags' },
  BAD_DQ_ESCAPE: { found: 'an unknown escape in double quotes', expected: 'a known escape, or single quotes' },
};

function yamlProblem(code: string): { found: string; expected: string } {
  return YAML_PROBLEMS[code] ?? { found: `text that is no YAML (${code.toLowerCase()})`, expected: 'a YAML document' };
}
