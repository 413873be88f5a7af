import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { zipSync } from 'fflate';

/** Time of every file in the archive, so that the same plugin is the same archive; the format begins in 1980. */
const TIME = new Date(1980, 0, 1);

/** The plugin in `folder` as Grafana installs it: everything below a folder with the id of the plugin. */
export function pluginZip(folder: string, id: string): Uint8Array {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const entries = files.map((path) => {
    const name = relative(folder, path).split(sep).join('/');
    return [`${id}/${name}`, new Uint8Array(readFileSync(path))] as const;
  });
  return zipSync(Object.fromEntries(entries), { mtime: TIME, level: 9 });
}
