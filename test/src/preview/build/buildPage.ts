import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { cached } from './cached.ts';
import { contentHash } from './contentHash.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const PAGE = 'test/src/preview/page';

/** The host page with Grafana's own packages in it; its folder. Bundled when its sources or any package has changed. */
export async function buildPage(): Promise<string> {
  const hash = await contentHash(ROOT, [PAGE, 'pnpm-lock.yaml', 'test/src/preview/build/buildPage.ts']);
  return cached('page', hash, async (folder) => {
    const fromTests = createRequire(join(ROOT, 'test/package.json'));
    await build({
      absWorkingDir: ROOT,
      entryPoints: { boot: `${PAGE}/boot.ts`, host: `${PAGE}/host.tsx` },
      outdir: folder,
      bundle: true,
      // Grafana's packages expect to find globals before they are loaded: the entry sets them and loads the rest.
      splitting: true,
      format: 'esm',
      target: 'es2023',
      jsx: 'automatic',
      minify: true,
      sourcemap: false,
      legalComments: 'none',
      logLevel: 'silent',
      define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
      loader: {
        '.svg': 'dataurl',
        '.jpg': 'dataurl',
        '.woff': 'file',
        '.woff2': 'file',
        '.ttf': 'file',
        '.png': 'dataurl',
      },
      // One i18next for Grafana's packages and the plugin, as in Grafana; older ones come along with Faro and others.
      alias: { i18next: fromTests.resolve('i18next') },
    });
  });
}

/** Folders of Grafana's own icons and fonts, which it serves itself. Its packages hold the icons and not the fonts. */
export function assetFolders(): { readonly icons: string; readonly inter: string; readonly robotoMono: string } {
  const fromTests = createRequire(join(ROOT, 'test/package.json'));
  const filesOf = (name: string) => join(dirname(fromTests.resolve(`${name}/package.json`)), 'files');
  return {
    icons: join(dirname(fromTests.resolve('@grafana/ui/package.json')), 'dist/public/img/icons'),
    inter: filesOf('@fontsource-variable/inter'),
    robotoMono: filesOf('@fontsource-variable/roboto-mono'),
  };
}

/** Version of the packages that stand in for Grafana. */
export async function grafanaVersion(): Promise<string> {
  const fromTests = createRequire(join(ROOT, 'test/package.json'));
  const { version } = JSON.parse(await readFile(fromTests.resolve('@grafana/ui/package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
