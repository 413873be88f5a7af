import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { previewFiles } from '../preview/previewFiles.ts';
import type { OrgRole } from '../preview/proxy/pluginRoutes.ts';
import { type StoryPreview, startStoryPreview } from '../preview/storyPreview.ts';
import { faultsOf } from './accessibility.ts';
import { hasChromium, launchChromium, NO_CHROMIUM } from './chromium.ts';
import { HTML_NAME, LONG_NAME, RTL_NAME, sendChange, sendRequest } from './hostile.ts';
import { investigationTests } from './investigations.ts';
import { expectNoSecrets } from './secrets.ts';
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
  /** The change of the story that broke every request of a provider, and the one that mended it; without a name for Viewers. */
  const rotations = (page: Page) =>
    page.getByRole('button', { name: /^Change at .*Provider key (openai-prod )?updated/ });
  /** Few rows make a quick page; what is done with them is the same. */
  const explore = async (role: OrgRole = 'Admin') => {
    const opened = await open(role, { path: `/explore?query={"limit":60}&${range}` });
    await lines(opened.page).first().waitFor();
    await markers(opened.page).nth(5).waitFor();
    return opened;
  };

  it('shows the failed requests after the change that broke them, and what that change was, in three clicks', async () => {
    const { page, errors } = await explore();
    // One: from the change to the one that mended it.
    const [from, to] = await Promise.all([0, 1].map((at) => rotations(page).nth(at).boundingBox()));
    if (!from || !to) throw new Error('The markers are not drawn.');
    await page.mouse.move(from.x + 2, from.y - 50);
    await page.mouse.down();
    await page.mouse.move(to.x - 6, to.y - 50, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => markers(page).count(), { timeout: PATIENCE }).toBe(1);
    // Two: only errors.
    await page.getByTestId('data-testid VizLegend series error').getByRole('button').click();
    await page.getByText('Only error').waitFor();
    // Rows may still be on their way.
    await expect.poll(() => lines(page).count(), { timeout: PATIENCE }).toBeGreaterThan(10);
    const rows = await lines(page).allTextContents();
    expect(rows.filter((row) => !row.includes('401') || !row.includes('Incorrect API key provided'))).toEqual([]);
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
    await rotations(page).first().click();
    const change = page.getByRole('region', { name: 'Change', exact: true });
    expect(await change.textContent()).toContain('Provider key updated');
    // A person who looks into every corner: what was around a row, what comes live, every dashboard with all that can be
    // switched on.
    const row = lines(page).filter({ hasText: '200 gpt-4o' }).first();
    await row.getByRole('button').first().click();
    const requestId = await row.locator('[data-label=requestId] [title]').last().getAttribute('title');
    await row.getByRole('button', { name: 'Show context' }).click();
    await page.getByRole('dialog').locator('[data-level]').nth(2).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Live' }).click();
    const live = lines(page).filter({ hasText: 'model-of-a-viewer' });
    await expect
      .poll(async () => sendRequest(preview, 'model-of-a-viewer').then(() => live.count()), {
        timeout: PATIENCE,
        interval: 1500,
      })
      .toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    let switched = 0;
    for (const path of DASHBOARDS) {
      await page.goto(`${preview.standIn.url}#/dashboards/${path}.json?${range}&var-request=${requestId}`);
      await page.getByTestId('dashboard').locator('[data-panel]').first().waitFor();
      for (const named of await page.getByRole('switch', { name: /with names/ }).all()) {
        await named.click({ force: true });
        switched += 1;
      }
      await page.waitForLoadState('networkidle');
    }
    // The last one is for audit readers and says so; its timeline is for everybody.
    await page.getByText('What broke what is for audit readers, and you are none.').nth(2).waitFor();
    await page.locator('[data-panel^="Requests by outcome"]').getByText('provider_auth').waitFor();
    expect(errors).toEqual([]);
    expect(asked.filter((url) => /\/(changes|investigations)\//.test(url))).toEqual([]);
    expect(switched).toBeGreaterThan(0);
    // And one who asks past the page.
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
    expectNoSecrets(await bodies(), ['/markers/search', '/requests/search', '/requests/tail']);
  });

  it('gives an Editor what a Viewer gets, after the server has refused once', async () => {
    const { page, errors, bodies } = await explore('Editor');
    await rotations(page).first().click();
    expect(await page.getByRole('region', { name: 'Change', exact: true }).textContent()).toContain(
      'Provider key updated',
    );
    expect(errors.filter((text) => !/403 .*\/changes\/search$/.test(text))).toEqual([]);
    expectNoSecrets(await bodies(), ['/markers/search', '/requests/search']);
  });

  it('says so when histogram, markers or context cannot be had', async () => {
    const { page } = await explore('Viewer');
    const refuse = (path: string) => page.route(`**/${path}`, (route) => route.fulfill({ status: 429, json: {} }));
    await Promise.all(['requests/volume', 'markers/search'].map(refuse));
    await page.getByRole('button', { name: 'Run query' }).click();
    await page.getByText('Failed to load log volume for this query').waitFor();
    await page.getByText(/Change markers are missing\. Too many queries/).waitFor();
    expect(await page.getByTestId('data-testid VizLegend series error').count()).toBe(0);
    await refuse('requests/search');
    await lines(page).first().getByRole('button').first().click();
    await page.getByRole('button', { name: 'Show context' }).click();
    await page.getByRole('dialog').getByText('Error loading more logs.').waitFor();
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

  it('leads a Viewer from a row of the timeline to its detail, and to no query', async () => {
    const { page, errors } = await open('Viewer', { path: `/dashboards/gateway-timeline.json?${range}` });
    await lines(page).first().getByRole('button').first().click();
    const link = lines(page).first().getByRole('link', { name: 'Request detail' });
    expect(await page.getByRole('button', { name: 'Attempts' }).count()).toBe(0);
    expect(await link.getAttribute('href')).toMatch(
      /^#\/dashboards\/request-detail\.json\?.*var-environment=prod&var-request=[\w-]+/,
    );
    await page.goto(`${preview.standIn.url}${await link.getAttribute('href')}`);
    await page.getByText('initial 0').first().waitFor();
    expect(errors).toEqual([]);
  });

  investigationTests({ open, range: () => range });

  it('says in the settings what works', async () => {
    const { page, errors } = await open('Admin', { path: '/settings' });
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText(/You are an audit reader as Admin/).waitFor();
    expect(errors).toEqual([]);
  });

  it('filters a dashboard by one of several values, chosen for all its panels', async () => {
    const { page, errors, posted } = await open('Admin', {
      path: `/dashboards/gateway-timeline.json?${range}&var-filters=servedModel|=__gfp__|gpt-4o|mistral`,
    });
    await page.getByTestId('dashboard').locator('[data-panel]').nth(2).waitFor();
    await page.waitForLoadState('networkidle');
    const asked = posted.filter(({ url }) => /requests\/(metrics|search)$/.test(url));
    expect(asked.length).toBeGreaterThan(3);
    const filter = JSON.stringify({ field: 'servedModel', op: 'in', value: ['gpt-4o', 'mistral'] });
    expect(asked.filter(({ body }) => !body.includes(filter))).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('asks for one value in each repeated panel', async () => {
    const { page, posted } = await open('Admin', { path: `/dashboards/models-providers-keys.json?${range}` });
    await page.getByTestId('dashboard').locator('[data-panel]').nth(4).waitFor();
    const providers = () => new Set(posted.flatMap(({ body }) => /"field":"attempt\.provider"[^}]*}/.exec(body) ?? []));
    await expect.poll(() => providers().size, { timeout: PATIENCE }).toBeGreaterThan(1);
  });

  it('edits annotations and variables, draws changes with names, and leads to a trace', async () => {
    const { page, errors } = await open('Admin', { path: '/editors' });
    await page.getByRole('radio', { name: 'Changes with names' }).check({ force: true });
    await page.getByText('Actors').first().waitFor();
    await page.getByRole('radio', { name: 'Environments' }).check({ force: true });
    await page.getByRole('radio', { name: 'Environments', checked: true }).waitFor({ state: 'attached' });
    await page.goto(`${preview.standIn.url}#/dashboards/gateway-timeline.json?${range}`);
    await markers(page).first().waitFor();
    await page.getByRole('switch', { name: /with names/ }).click({ force: true });
    await page
      .getByRole('button', { name: /openai-prod/ })
      .first()
      .waitFor();
    await page.route('**/preview/boot.json', async (route) => {
      const answer = await route.fetch();
      const boot = (await answer.json()) as { datasource: object };
      const datasource = { ...boot.datasource, traceUrl: 'https://traces.example/trace/{traceId}' };
      await route.fulfill({ response: answer, json: { ...boot, datasource } });
    });
    await page.goto(`${preview.standIn.url}#/explore?query={"limit":60}&${range}`);
    await page.reload();
    await lines(page).first().getByRole('button').first().click();
    const link = page.getByRole('link', { name: 'Trace page' });
    expect(await link.getAttribute('href')).toMatch(/^https:\/\/traces\.example\/trace\/[0-9a-f]{32}$/);
    expect(errors).toEqual([]);
  });

  it.each(['dark', 'light'] as const)(
    'draws every panel, and has no accessibility faults of its own, %s',
    async (theme) => {
      const { page, errors } = await open('Admin', { theme, path: `/explore?query={"limit":60}&${range}` });
      await markers(page).nth(5).waitFor();
      await lines(page).first().getByRole('button').first().click();
      await rotations(page).first().click();
      const faults = [await faultsOf(page)];
      const dashboards = DASHBOARDS.map((name) => `/dashboards/${name}.json?${range}`);
      const explained = `/explore?query={"queryType":"investigation","about":"request"}&${range}`;
      for (const path of [...dashboards, explained, '/settings', '/editors']) {
        await page.goto(`${preview.standIn.url}#${path}`);
        if (path.startsWith('/dashboards'))
          await page.getByTestId('dashboard').locator('[data-panel]').nth(2).waitFor();
        await page.waitForLoadState('networkidle');
        await expect.poll(() => page.getByText('No data').count(), { timeout: PATIENCE }).toBe(0);
        expect(await page.getByText(/The query failed|cannot be read/).count()).toBe(0);
        faults.push((await faultsOf(page)).map((fault) => `${path} ${fault}`));
      }
      expect(faults.flat()).toEqual([]);
      expect(errors).toEqual([]);
    },
  );
});

const DASHBOARDS = ['changes', 'gateway-timeline', 'models-providers-keys', 'request-detail', 'what-changed'] as const;
