import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addScreenshots } from './addScreenshots.ts';
import { bundleProblems, sourceProblems } from './bundleProblems.ts';
import { pluginZip } from './pluginZip.ts';

// The end of the build: what was built is checked, and packed when it is well.

const room = join(import.meta.dirname, '..');
const dist = join(room, 'dist');
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as { readonly [key: string]: string };

addScreenshots(dist, join(room, '..', 'docs', 'images'));

const version = readJson(join(room, 'package.json')).version ?? '';
const problems = [...bundleProblems(dist, { version }), ...sourceProblems(join(room, 'src'))];
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exit(1);

const id = readJson(join(dist, 'plugin.json')).id ?? '';
const target = join(room, '..', 'dist');
mkdirSync(target, { recursive: true });
const archive = pluginZip(dist, id);
const name = `${id}-${version}.zip`;
writeFileSync(join(target, name), archive);
process.stdout.write(
  `dist/${name}: ${Math.round(archive.length / 1024)} KiB, to be unpacked into Grafana's folder of plugins\n`,
);
