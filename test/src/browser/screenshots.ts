import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { OrgRole } from '../preview/proxy/pluginRoutes.ts';
import { startStoryPreview } from '../preview/storyPreview.ts';
import { hasChromium, launchChromium, NO_CHROMIUM } from './chromium.ts';
import { signIn, type VisitOptions, visit } from './visit.ts';

// Pictures of the guides, made anew from the recorded story: all, or those that are named. The build of the plugin takes its screenshots from them.

const FOLDER = join(import.meta.dirname, '../../../docs/images');

interface Picture extends VisitOptions {
  readonly name: string;
  /** Who looks; an Admin unless given. */
  readonly role?: OrgRole;
  /** What is done before the picture is taken. */
  readonly act?: (page: Page) => Promise<unknown>;
}

const marker = (page: Page, at: number) => page.getByRole('button', { name: /^Change at/ }).nth(at);
/** The change that broke every request of a provider. */
const rotation = (page: Page) =>
  page.getByRole('button', { name: /^Change at .*Provider key (openai-prod )?updated/ }).first();
const drawn = (page: Page) => marker(page, 5).waitFor();

/** Requests whose provider refused the gateway's key. */
const REFUSED_KEY = { limit: 60, filters: [{ field: 'outcome', op: 'eq', values: ['provider_auth'] }] };

/** Changes whose verdicts the picture shows: those of the story that broke something. */
const SUSPECTS = 4;
/** The server looks at a change a while after it; then what is shown is asked for again. */
const LOOKED_MILLIS = 3_000;
const LOOKS = 20;

async function judged(page: Page): Promise<void> {
  await drawn(page);
  const suspects = page.locator('[data-panel="What broke what"]').getByText('suspect', { exact: true });
  for (let look = 0; look < LOOKS && (await suspects.count()) < SUSPECTS; look++) {
    await page.waitForTimeout(LOOKED_MILLIS);
    await page.getByRole('button', { name: 'Refresh' }).click();
  }
}

const dashboard = (name: string, parameters = '') => `/dashboards/${name}.json${parameters}`;

/** Every picture of the guides. `requestId` is of a request that had to fall back. */
const pictures = (requestId: string): readonly Picture[] => [
  {
    name: 'explore-dark',
    act: async (page) => {
      await drawn(page);
      await rotation(page).click();
    },
  },
  {
    name: 'explore-light',
    theme: 'light',
    width: 1920,
    height: 1080,
    act: async (page) => {
      await drawn(page);
      await page.getByTestId('data-testid VizLegend series error').getByRole('button').waitFor();
      await page.locator('[aria-label="Log lines"] > li').nth(1).getByRole('button').first().click();
    },
  },
  {
    name: 'explore-viewer',
    role: 'Viewer',
    act: async (page) => {
      await drawn(page);
      await rotation(page).click();
    },
  },
  { name: 'timeline', width: 1920, height: 1080, path: dashboard('gateway-timeline'), act: drawn },
  { name: 'models', path: dashboard('models-providers-keys'), height: 1100, act: drawn },
  { name: 'request', path: dashboard('request-detail', `?var-request=${requestId}`), act: drawn },
  { name: 'changes', path: dashboard('changes'), height: 1100, act: drawn },
  { name: 'what-changed', path: dashboard('what-changed'), act: judged },
  {
    name: 'investigation',
    width: 1280,
    height: 720,
    path: `/explore?query=${JSON.stringify(REFUSED_KEY)}`,
    act: async (page) => {
      await drawn(page);
      const row = page.locator('[aria-label="Log lines"] > li').first();
      await row.getByRole('button').first().click();
      await row.getByRole('button', { name: 'What broke it' }).click();
      await page.getByRole('dialog').getByText("gateway's key refused").waitFor();
    },
  },
  {
    name: 'config',
    height: 1240,
    path: '/settings',
    act: async (page) => {
      await page.getByRole('button', { name: 'Test', exact: true }).click();
      await page.getByRole('status').or(page.getByRole('alert')).first().waitFor();
    },
  },
];

/** A request of the story for which one target failed after another. */
async function fallenBack(url: string): Promise<string> {
  const to = Date.now();
  const answer = await fetch(`${url}api/datasources/proxy/uid/aisix-preview/requests/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      from: to - 3_600_000,
      to,
      limit: 1,
      filters: [{ field: 'attemptCount', op: 'gt', value: 2 }],
    }),
  });
  const { requests } = (await answer.json()) as { readonly requests: readonly { readonly requestId: string }[] };
  return requests[0]?.requestId ?? '';
}

if (!hasChromium()) throw new Error(NO_CHROMIUM);
const preview = await startStoryPreview();
const browser = await launchChromium();
const { url } = preview.standIn;
const wanted = process.argv.slice(2);
for (const { name, act, role = 'Admin', ...options } of pictures(await fallenBack(url))) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const context = await signIn(browser, url, role);
  const { page } = await visit(context, url, options);
  await act?.(page);
  await page.waitForLoadState('networkidle');
  // Tooltips fade in, and nothing shall be under the pointer.
  await page.mouse.move(2, 300);
  await page.waitForTimeout(500);
  await writeFile(join(FOLDER, `${name}.png`), await page.screenshot());
  process.stdout.write(`${name}.png\n`);
  await context.close();
}
await browser.close();
await preview.close();
