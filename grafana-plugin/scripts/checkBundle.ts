import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

// Of the built plugin what can be checked without Grafana; the build ends with it.

/** Grafana loads this file with the list of data sources, whether the plugin is used or not. */
const MODULE_BYTES = 30_000;

const dist = join(import.meta.dirname, '..', 'dist');

/** Problems of the files in `folder`; none when all is well. */
export function bundleProblems(folder: string): readonly string[] {
  const problems: string[] = [];
  const { size } = statSync(join(folder, 'module.js'));
  if (size === 0 || size >= MODULE_BYTES) {
    problems.push(`module.js has ${size} bytes, expected fewer than ${MODULE_BYTES}: load more of it lazily`);
  }
  const plugin: unknown = JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8'));
  if (/%VERSION%|%TODAY%/.test(JSON.stringify(plugin))) problems.push('plugin.json has no version or no date');
  for (const name of ['img/logo.svg', 'README.md', 'LICENSE', 'locales/en-US/aisix-observability-datasource.json']) {
    if (statSync(join(folder, name), { throwIfNoEntry: false }) === undefined) problems.push(`${name} is missing`);
  }
  return problems;
}

const problems = bundleProblems(dist);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
