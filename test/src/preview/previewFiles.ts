import { assetFolders, buildPage, grafanaVersion } from './build/buildPage.ts';
import { buildPlugin } from './build/buildPlugin.ts';
import type { PreviewFiles } from './grafanaStandIn.ts';

/** Builds what is served, side by side; what is built already is taken as it is. */
export async function previewFiles(): Promise<PreviewFiles> {
  const [plugin, page, version] = await Promise.all([buildPlugin(), buildPage(), grafanaVersion()]);
  return { plugin, page, ...assetFolders(), grafanaVersion: version };
}
