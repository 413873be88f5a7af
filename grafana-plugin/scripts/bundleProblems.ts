import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

// Of the rules that Grafana's catalogue checks a plugin by, those that need neither a network nor Grafana. The validator
// itself is only a program to download, and without a network it stops at its first rule and reports success.

/** Grafana loads this file with the list of data sources, whether the plugin is used or not. */
const MODULE_BYTES = 30_000;

/** Licences that the catalogue takes; of ours the text must be filled in. */
const PLACEHOLDERS = /\[yyyy\]|\{yyyy\}|\[name of copyright owner\]|\{name of copyright owner\}/;

/** Words that a README for people who use Grafana does not have. */
const JARGON = /\b(yarn|npm|nodejs|pnpm|webpack)\b/i;

/** Text below which a README says nothing. */
const README_CHARACTERS = 1000;

/** What a plugin may not do in Grafana's page, as it is seen in its code. */
const FORBIDDEN: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['native dialogs', /(?<![\w.$])(?:window\.)?(?:alert|confirm|prompt)\(/],
  ['window.open', /window\.open\(/],
  ['window.location', /window\.location/],
  ['evaluated text', /(?<![\w.$])eval\(|new Function\(/],
  ['Grafana’s classes gf-form', /gf-form/],
  ['insides of React', /__SECRET_INTERNALS/],
  ['the query API of backends', /\/api\/ds\/query/],
  ['messages on the console', /console\.(?:log|info|debug|warn|error)\(/],
];

/** What runs or loads something when a picture is shown. */
const UNSAFE_SVG = /<script|<foreignObject|\son\w+\s*=|href\s*=\s*["'](?!#)/i;

interface PluginJson {
  readonly id: string;
  readonly type: string;
  readonly backend?: boolean;
  readonly alerting?: boolean;
  readonly includes?: readonly { readonly path: string }[];
  readonly languages?: readonly string[];
  readonly info: {
    readonly description?: string;
    readonly keywords?: readonly string[];
    readonly version: string;
    readonly logos: { readonly small: string; readonly large: string };
    readonly screenshots?: readonly { readonly path: string }[];
  };
  readonly dependencies: { readonly grafanaDependency: string };
}

/** Problems of the built plugin in `folder`, one sentence each; none when all is well. */
export function bundleProblems(folder: string, expected: { readonly version: string }): readonly string[] {
  const plugin = JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8')) as PluginJson;
  return [
    ...moduleProblems(folder),
    ...metadataProblems(plugin, expected),
    ...fileProblems(folder, plugin),
    ...textProblems(folder),
  ];
}

function moduleProblems(folder: string): string[] {
  const size = statSync(join(folder, 'module.js'), { throwIfNoEntry: false })?.size ?? 0;
  const problems: string[] = [];
  if (size === 0 || size >= MODULE_BYTES) {
    problems.push(`module.js has ${size} bytes, expected fewer than ${MODULE_BYTES}: load more of it lazily`);
  }
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.js'))) {
    if (statSync(join(folder, `${name}.map`), { throwIfNoEntry: false }) === undefined) {
      problems.push(`${name} has no source map`);
    }
  }
  return problems;
}

/** Of our own code: what the bundler and libraries put beside it the catalogue knows. */
export function sourceProblems(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|^testing/.test(name))
    .flatMap((name) => {
      const code = readFileSync(join(folder, name), 'utf8');
      return FORBIDDEN.filter(([, pattern]) => pattern.test(code)).map(([what]) => `${name} has ${what}`);
    });
}

function metadataProblems(
  { id, type, info, backend, alerting, dependencies }: PluginJson,
  { version }: { readonly version: string },
): string[] {
  const problems: string[] = [];
  if (!new RegExp(`^[a-z0-9]+(-[a-z0-9]+)+-${type}$`).test(id))
    problems.push(`the id ${id} does not end with its type`);
  if (info.version !== version) problems.push(`plugin.json has version ${info.version}, package.json ${version}`);
  if (backend === true || alerting === true)
    problems.push('a plugin without a program is no backend and does not alert');
  const sentences = (info.description ?? '').split(/[.!?](?:\s|$)/).filter((each) => each !== '').length;
  if (sentences < 1 || sentences > 2) problems.push(`the description has ${sentences} sentences, expected one or two`);
  if ((info.keywords ?? []).length === 0) problems.push('there are no keywords');
  if (!/^>=\d+\.\d+\.\d+/.test(dependencies.grafanaDependency))
    problems.push('grafanaDependency has no lower bound alone');
  return problems;
}

function fileProblems(folder: string, { id, info, includes = [], languages = [] }: PluginJson): string[] {
  const { logos, screenshots = [] } = info;
  const named = [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    logos.small,
    logos.large,
    ...screenshots.map(({ path }) => path),
    ...includes.map(({ path }) => path),
    ...languages.map((language) => `locales/${language}/${id}.json`),
  ];
  const size = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return [...new Set(named)].filter((name) => size(name) === 0).map((name) => `${name} is missing or empty`);
}

function textProblems(folder: string): string[] {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const problems: string[] = [];
  if (/%VERSION%|%TODAY%/.test(read('plugin.json'))) problems.push('plugin.json has no version or no date');
  if (PLACEHOLDERS.test(read('LICENSE'))) problems.push('LICENSE has places that are not filled in');
  const readme = read('README.md');
  if (readme.length < README_CHARACTERS) problems.push('README.md says too little');
  const jargon = JARGON.exec(readme);
  if (jargon !== null) problems.push(`README.md speaks of ${jargon[0]}, which its readers need not know`);
  for (const name of readdirSync(join(folder, 'img')).filter((each) => each.endsWith('.svg'))) {
    if (UNSAFE_SVG.test(read(join('img', name)))) problems.push(`img/${name} loads or runs something`);
  }
  return problems;
}
