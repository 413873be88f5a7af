import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pictures of the documentation that the catalogue shows, the most telling first. */
const SCREENSHOTS = [
  { name: 'Requests and configuration changes in Explore', file: 'explore-dark.png' },
  { name: 'What broke what, and the changes among the requests', file: 'what-changed.png' },
  { name: 'Gateway timeline', file: 'timeline.png' },
  { name: 'One request with its attempts', file: 'request.png' },
  { name: 'Changes and who made them', file: 'changes.png' },
] as const;

interface PluginJson {
  readonly info: object;
}

/**
 * Puts the pictures of `images` into the built plugin and names them in its `plugin.json`, so that they lie in the
 * repository once. Those that are not there are left out.
 */
export function addScreenshots(dist: string, images: string): void {
  const there = SCREENSHOTS.filter(({ file }) => existsSync(join(images, file)));
  mkdirSync(join(dist, 'img'), { recursive: true });
  for (const { file } of there) copyFileSync(join(images, file), join(dist, 'img', file));
  const path = join(dist, 'plugin.json');
  const plugin = JSON.parse(readFileSync(path, 'utf8')) as PluginJson;
  const screenshots = there.map(({ name, file }) => ({ name, path: `img/${file}` }));
  writeFileSync(path, `${JSON.stringify({ ...plugin, info: { ...plugin.info, screenshots } }, null, 2)}\n`);
}
