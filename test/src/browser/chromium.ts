import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian and Ubuntu install it; another place is named by the variable. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** A package of 100 MB over a slow line. */
const INSTALL_TIMEOUT_MILLIS = 300_000;

/** Whether there is a Chromium, or there is one after it was installed from the system's own packages. */
export function hasChromium(): boolean {
  if (existsSync(CHROMIUM)) return true;
  // Only a machine of CI is changed without being asked.
  if (process.env.CI === undefined) return false;
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MILLIS }).status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', 'chromium') && existsSync(CHROMIUM);
}

export const NO_CHROMIUM = `The browser tests are left out: there is no ${CHROMIUM}. Install it (apt-get install chromium), or set CHROMIUM to the one that you have.`;

/** Without its sandbox, which a container does not let it have; it only ever opens the pages of this project. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
