import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { storyChanges } from '../audit/storyEvents.ts';
import { previewFiles } from '../preview/previewFiles.ts';
import type { OrgRole } from '../preview/proxy/pluginRoutes.ts';
import { type StoryPreview, startStoryPreview } from '../preview/storyPreview.ts';
import { hasChromium, launchChromium, NO_CHROMIUM } from './chromium.ts';
import { CANARY, HTML_NAME, LONG_NAME, RTL_NAME, sendChange, sendRequest } from './hostile.ts';
import { signIn, type Visit, type VisitOptions, visit } from './visit.ts';

const found = hasChromium();
if (!found) process.stderr.write(`${NO_CHROMIUM}\n`);

const QUARTER_OF_AN_HOUR = 900_000;

/** The machine may be busy: what is waited for comes, or the test fails after this. */
const PATIENCE = 45_000;

describe.skipIf(!found && process.env.CI === undefined)('the built plugin in a browser', () => {
  let preview: StoryPreview;
  let browser: Browser;
  let visits: Visit[] = [];
  /** Of the story and of what is sent after it, however long that takes. */
  let range = '';
  const sessions = new Map<OrgRole, Promise<BrowserContext>>();

  beforeAll(async () => {
    // Builds take their time beside the replay, and not in the first test that opens a page.
    [preview, browser] = await Promise.all([startStoryPreview(), launchChromium(), previewFiles()]);
    for (const name of [HTML_NAME, RTL_NAME, LONG_NAME]) await sendRequest(preview, name);
    await sendChange(preview);
    range = `from=${Date.now() - QUARTER_OF_AN_HOUR}&to=${Date.now() + 60_000}`;
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await preview?.close();
  });
  afterEach(async () => {
    await Promise.all(visits.map((each) => each.close()));
    visits = [];
  });

  const open = async (role: OrgRole, options: VisitOptions = {}): Promise<Visit> => {
    const { url } = preview.standIn;
    const session = sessions.get(role) ?? signIn(browser, url, role);
    sessions.set(role, session);
    const opened = await visit(await session, url, options);
    visits.push(opened);
    opened.page.setDefaultTimeout(PATIENCE);
    return opened;
  };
  const lines = (page: Page) => page.locator('[aria-label="Log lines"] > li');
  const markers = (page: Page) => page.getByRole('button', { name: /^Change at/ });
  /** Few rows make a quick page; what is done with them is the same. */
  const explore = async (role: OrgRole = 'Admin') => {
    const opened = await open(role, { path: `/explore?query={"limit":60}&${range}` });
    await lines(opened.page).first().waitFor();
    await markers(opened.page).nth(5).waitFor();
    return opened;
  };

  it('shows the failed requests after the third change, and what that change was, in three clicks', async () => {
    const { page, errors } = await explore();
    // One: from the third change to the fourth.
    const [from, to] = await Promise.all([2, 3].map((at) => markers(page).nth(at).boundingBox()));
    if (!from || !to) throw new Error('The markers are not drawn.');
    await page.mouse.move(from.x + 2, from.y - 50);
    await page.mouse.down();
    await page.mouse.move(to.x - 6, to.y - 50, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => markers(page).count(), { timeout: PATIENCE }).toBe(1);
    // Two: only errors.
    await page.getByTestId('data-testid VizLegend series error').getByRole('button').click();
    await page.getByText('Only error').waitFor();
    const rows = await lines(page).allTextContents();
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.every((row) => row.includes('401') && row.includes('Incorrect API key provided'))).toBe(true);
    // Three: what changed.
    await markers(page).click();
    const change = page.getByRole('region', { name: 'Change', exact: true });
    expect(await change.textContent()).toContain('Provider key openai-prod updated');
    expect(await change.textContent()).toContain('by carol');
    // And where it leads to.
    await change.getByRole('button', { name: 'What changed' }).click();
    await page.getByRole('dialog').getByText('openai-prod').first().waitFor();
    expect(errors).toEqual([]);
  });

  it('opens a row with its labels and attempts, and filters by a label and back', async () => {
    const { page, errors } = await explore();
    const row = lines(page).filter({ hasText: '200 gpt-4o' }).first();
    await row.getByRole('button').first().click();
    await row.getByRole('button', { name: 'Attempts' }).click();
    await page.getByRole('dialog').getByText('initial 0 gpt-4o').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const filter = row.getByRole('button', { name: 'Filter for requestedModel' });
    await filter.click();
    await expect
      .poll(async () => (await lines(page).allTextContents()).every((text) => / gpt-4o /.test(text)), {
        timeout: PATIENCE,
      })
      .toBe(true);
    await row.getByRole('button', { name: 'Filter for requestedModel', pressed: true }).click();
    await expect
      .poll(async () => (await lines(page).allTextContents()).some((text) => text.includes('mistral')), {
        timeout: PATIENCE,
      })
      .toBe(true);
    expect(errors).toEqual([]);
  });

  it('reads filters as code, puts changes among the requests, and shows what was before and after a row', async () => {
    const { page, errors } = await explore();
    await page.getByRole('button', { name: 'A requests', expanded: false }).click();
    await page.getByText('Rows of changes').waitFor();
    await page.getByRole('switch', { name: 'Rows of changes' }).click({ force: true });
    await lines(page).filter({ hasText: 'Provider key openai-prod updated by carol' }).first().waitFor();
    await page.getByRole('radio', { name: 'Code' }).check({ force: true });
    await page.getByRole('textbox', { name: 'Filters as code' }).fill('outcome = provider_auth');
    await page.keyboard.press('Enter');
    const requests = lines(page).filter({ hasNotText: '⚙' });
    await expect
      .poll(async () => (await requests.allTextContents()).every((text) => text.includes('401 ')), {
        timeout: PATIENCE,
      })
      .toBe(true);
    await requests.nth(3).getByRole('button').first().click();
    await requests.nth(3).getByRole('button', { name: 'Show context' }).click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.locator('[data-level]').count(), { timeout: PATIENCE }).toBeGreaterThan(10);
    expect(errors).toEqual([]);
  });

  it('shows names as text, whatever they hold', async () => {
    const { page, errors, asked } = await explore();
    for (const name of [HTML_NAME, RTL_NAME.replace('\u202E', ''), 'long-xxx']) {
      await lines(page).filter({ hasText: name }).first().waitFor();
    }
    const long = lines(page).filter({ hasText: 'long-xxx' }).first();
    await long.getByRole('button').first().click();
    expect(await long.locator(`[title="${LONG_NAME}"]`).count()).toBeGreaterThan(0);
    const hostile = lines(page).filter({ hasText: HTML_NAME }).first();
    await hostile.getByRole('button').first().click();
    await markers(page).last().click();
    const change = page.getByRole('region', { name: 'Change', exact: true });
    expect(await change.textContent()).toContain('canary-resource-5e1f <img src=');
    expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
    expect(asked.filter((url) => url.includes('/ran'))).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('keeps every byte of a change from a Viewer', async () => {
    const { page, errors, bodies, asked } = await explore('Viewer');
    await markers(page).nth(2).click();
    const change = page.getByRole('region', { name: 'Change', exact: true });
    expect(await change.textContent()).toContain('Provider key updated');
    expect(errors).toEqual([]);
    expect(asked.filter((url) => url.includes('/changes/'))).toEqual([]);
    // A person who looks into every corner, and one who asks past the page.
    for (const path of ['changes', 'gateway-timeline', 'models-providers-keys']) {
      await page.goto(`${preview.standIn.url}#/dashboards/${path}.json?${range}`);
      await page.getByTestId('dashboard').locator('[data-panel]').first().waitFor();
      await page.waitForLoadState('networkidle');
    }
    const past = await page.evaluate(async () => {
      const proxy = '/api/datasources/proxy/uid/aisix-preview';
      const body = JSON.stringify({ from: Date.now() - 3_600_000, to: Date.now() });
      const headers = { 'content-type': 'application/json' };
      const paths = [
        'changes/search',
        '%63hanges/search',
        'requests/../changes/search',
        'requests/%2e%2e/changes/search',
        'markers//../changes/search',
        'changesx/search',
        'investigations/request',
      ];
      return Promise.all(
        paths.map(async (path) => (await fetch(`${proxy}/${path}`, { method: 'POST', headers, body })).status),
      );
    });
    expect(past.every((status) => status >= 400)).toBe(true);
    const all = (await bodies()).join('\n');
    expect(all.length).toBeGreaterThan(1_000_000);
    const story = storyChanges('story');
    const secret = [
      CANARY.actor,
      'canary-resource-5e1f',
      CANARY.value,
      ...story.map(({ actor }) => `"${actor}"`),
      // What only changes have a name for; models and keys are named by requests, too.
      'backup-cache',
      'batch-limit',
      'web squad',
      'sk-good-A',
      'sk-rotated-wrong',
      '/max_requests',
    ];
    expect(secret.filter((text) => all.includes(text))).toEqual([]);
  });

  it('gives an Editor what a Viewer gets, after the server has refused once', async () => {
    const { page, errors, bodies } = await explore('Editor');
    await markers(page).nth(2).click();
    expect(await page.getByRole('region', { name: 'Change', exact: true }).textContent()).toContain(
      'Provider key updated',
    );
    expect(errors.filter((text) => !/403 .*\/changes\/search$/.test(text))).toEqual([]);
    expect((await bodies()).join('\n')).not.toContain('carol');
  });

  it('follows requests live, and stops', async () => {
    const { page, errors } = await explore();
    await page.getByRole('button', { name: 'Live' }).click();
    await page.getByRole('heading', { name: 'Live' }).waitFor();
    await expect
      .poll(
        async () => {
          await sendRequest(preview, 'model-while-live');
          return lines(page).filter({ hasText: 'model-while-live' }).count();
        },
        { timeout: PATIENCE, interval: 1500 },
      )
      .toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('heading', { name: 'Logs', exact: true }).waitFor();
    expect(errors).toEqual([]);
  });

  it('draws every panel of the dashboards from the story', async () => {
    const { page, errors } = await explore();
    const shown = lines(page).filter({ hasText: '200 gpt-4o' }).first();
    await shown.getByRole('button').first().click();
    const requestId = await shown.locator('[data-label=requestId] [title]').last().getAttribute('title');
    for (const path of ['gateway-timeline', 'models-providers-keys', 'changes', `request-detail`]) {
      const hash =
        path === 'request-detail'
          ? `/dashboards/${path}.json?${range}&var-request=${requestId}`
          : `/dashboards/${path}.json?${range}`;
      await page.goto(`${preview.standIn.url}#${hash}`);
      await page.getByTestId('dashboard').locator('[data-panel]').nth(2).waitFor();
      await page.waitForLoadState('networkidle');
      await expect.poll(() => page.getByText('No data').count(), { timeout: PATIENCE }).toBe(0);
      expect(await page.getByText(/The query failed|cannot be read/).count()).toBe(0);
    }
    expect(errors).toEqual([]);
  });

  it('says in the settings what works', async () => {
    const { page, errors } = await open('Admin', { path: '/settings' });
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText(/You are an audit reader as Admin/).waitFor();
    expect(errors).toEqual([]);
  });

  it('has no accessibility faults of its own, dark and light', async () => {
    const { page } = await explore();
    await lines(page).first().getByRole('button').first().click();
    await markers(page).nth(2).click();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Light theme' }).click();
    expect(await faultsOf(page)).toEqual([]);
    for (const path of ['/dashboards/changes.json', '/settings']) {
      await page.goto(`${preview.standIn.url}#${path}`);
      await page.waitForLoadState('networkidle');
      expect(await faultsOf(page)).toEqual([]);
    }
  });
});

/** What axe finds, with the elements. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(
      // A few rows stand for all of them. Legend and tables are Grafana's: buttons of the first are not called what they
      // show, and its palette is too pale for texts of the second in the light theme.
      { include: ['body'], exclude: ['[aria-label="Log lines"] > li:nth-child(n+4)', '[role="grid"]'] },
      { rules: { 'label-content-name-mismatch': { enabled: false } } },
    ),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
