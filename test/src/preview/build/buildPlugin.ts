import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cached.ts';
import { contentHash } from './contentHash.ts';

const PLUGIN = join(import.meta.dirname, '../../../../grafana-plugin');

/** What the build reads; tests beside the sources have no part in it. */
const INPUTS = ['src', '.config', '.swcrc', 'package.json', 'tsconfig.json', 'LICENSE', 'CHANGELOG.md'];
const isTest = (name: string) => /\.test\.tsx?$/.test(name) || name.startsWith('src/testing/');

/** A build on two busy cores; what takes longer hangs. */
const BUILD_TIMEOUT_MILLIS = 300_000;

/** The built plugin, as it is packed for Grafana; its folder. Built when its sources have changed. */
export async function buildPlugin(): Promise<string> {
  const hash = await contentHash(PLUGIN, INPUTS, isTest);
  return cached('plugin', hash, async (folder) => {
    const webpack = createRequire(join(PLUGIN, 'package.json')).resolve('webpack-cli/package.json');
    const cli = join(dirname(webpack), 'bin/cli.js');
    const args = ['--disable-interpret', '-c', './.config/webpack/webpack.config.ts', '--env', 'production'];
    try {
      await promisify(execFile)(process.execPath, [cli, ...args], { cwd: PLUGIN, timeout: BUILD_TIMEOUT_MILLIS });
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`The plugin could not be built:\n${`${stdout}\n${stderr}`.slice(-4000)}`, { cause: error });
    }
    await cp(join(PLUGIN, 'dist'), folder, { recursive: true });
  });
}
