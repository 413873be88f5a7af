import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { addScreenshots } from '../../scripts/addScreenshots.ts';
import { bundleProblems, sourceProblems } from '../../scripts/bundleProblems.ts';
import { pluginZip } from '../../scripts/pluginZip.ts';
import pluginJson from '../plugin.json';

const folder = mkdtempSync(join(tmpdir(), 'plugin-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};

const GOOD = {
  'plugin.json': JSON.stringify({
    ...pluginJson,
    info: { ...pluginJson.info, version: '0.1.0', updated: '2026-11-26' },
  }),
  'module.js': 'define([], () => 1);',
  'module.js.map': '{}',
  'README.md': 'What it does. '.repeat(100),
  'CHANGELOG.md': '# Changelog',
  LICENSE: 'Copyright 2026 AISIX observability',
  'img/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  [`locales/en-US/${pluginJson.id}.json`]: '{}',
  ...Object.fromEntries(pluginJson.includes.map(({ path }) => [path, '{}'])),
};

/** Problems when some files are others. */
function problemsWith(over: Readonly<Record<string, string>>): readonly string[] {
  for (const [name, text] of Object.entries({ ...GOOD, ...over })) write(name, text);
  return bundleProblems(folder, { version: '0.1.0' });
}

describe('what the catalogue asks of a plugin', () => {
  it('is kept by one that is well', () => {
    expect(problemsWith({})).toEqual([]);
  });

  it.each([
    [
      'a module that is too large',
      { 'module.js': 'x'.repeat(30_000) },
      'module.js has 30000 bytes, expected fewer than 30000',
    ],
    ['an empty module', { 'module.js': '' }, 'module.js has 0 bytes'],
    [
      'a picture that runs something',
      { 'img/logo.svg': '<svg onload="x()"/>' },
      'img/logo.svg loads or runs something',
    ],
    ['a licence that is not filled in', { LICENSE: 'Copyright [yyyy]' }, 'LICENSE has places'],
    ['a README for developers', { 'README.md': 'Run pnpm build. '.repeat(100) }, 'README.md speaks of pnpm'],
    ['a dashboard that is missing', { 'dashboards/changes.json': '' }, 'dashboards/changes.json is missing or empty'],
    [
      'another version',
      { 'plugin.json': GOOD['plugin.json'].replace('0.1.0', '0.2.0') },
      'plugin.json has version 0.2.0',
    ],
  ])('is missed by %s', (_what, over, problem) => {
    expect(problemsWith(over)).toEqual([expect.stringContaining(problem)]);
  });

  it('is kept by our own code', () => {
    expect(sourceProblems(join(import.meta.dirname, '..'))).toEqual([]);
    write('code/bad.ts', "window.open('https://x');");
    expect(sourceProblems(join(folder, 'code'))).toEqual(['bad.ts has window.open']);
    rmSync(join(folder, 'code'), { recursive: true });
  });
});

describe('pictures', () => {
  it('come from the documentation, as far as they are there', () => {
    problemsWith({ 'images/timeline.png': 'x' });
    addScreenshots(folder, join(folder, 'images'));
    const { info } = JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8')) as typeof pluginJson;
    expect(info.screenshots).toEqual([{ name: 'Gateway timeline', path: 'img/timeline.png' }]);
    expect(bundleProblems(folder, { version: '0.1.0' })).toEqual([]);
    rmSync(join(folder, 'images'), { recursive: true });
    rmSync(join(folder, 'img', 'timeline.png'));
    expect(bundleProblems(folder, { version: '0.1.0' })).toEqual(['img/timeline.png is missing or empty']);
  });
});

describe('the archive', () => {
  it('has everything below the id of the plugin, and is the same each time', () => {
    problemsWith({});
    const archive = pluginZip(folder, pluginJson.id);
    expect(Object.keys(unzipSync(archive))).toEqual(
      Object.keys(GOOD)
        .map((name) => `${pluginJson.id}/${name}`)
        .sort(),
    );
    expect(pluginZip(folder, pluginJson.id)).toEqual(archive);
  });
});
