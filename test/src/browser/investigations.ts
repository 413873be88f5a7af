import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { OrgRole } from '../preview/proxy/pluginRoutes.ts';
import { expectNoSecrets } from './secrets.ts';
import type { Visit, VisitOptions } from './visit.ts';

/** What these tests share with the others of the same server. */
export interface Looking {
  open(role: OrgRole, options?: VisitOptions): Promise<Visit>;
  /** Of the story, as parameters of an address. */
  range(): string;
}

const lines = (page: Page) => page.locator('[aria-label="Log lines"] > li');
const drawer = (page: Page) => page.getByRole('dialog');
const explore = (range: string, query: object) =>
  `/explore?query=${encodeURIComponent(JSON.stringify(query))}&${range}`;
const REFUSED_KEY = [{ field: 'outcome', op: 'eq', values: ['provider_auth'] }];

/** Investigations as people come to them, in the page of a server that runs already. */
export function investigationTests({ open, range }: Looking): void {
  it('leads an audit reader from a failed row to its explanation, and from a marker to its verdict, by keyboard', async () => {
    const { page, errors } = await open('Admin', { path: explore(range(), { limit: 20, filters: REFUSED_KEY }) });
    const row = lines(page).first();
    await row.getByRole('button').first().press('Enter');
    await row.getByRole('button', { name: 'What broke it' }).press('Enter');
    await drawer(page).getByText("gateway's key refused").waitFor();
    await drawer(page).getByText('openai-prod').first().waitFor();
    await drawer(page).getByRole('button', { name: 'Close' }).press('Enter');
    await drawer(page).waitFor({ state: 'detached' });
    const marker = page.getByRole('button', { name: /^Change at .*Provider key openai-prod updated/ }).first();
    await marker.press('Enter');
    await page.getByRole('button', { name: 'What it did' }).press('Enter');
    // The verdict stands first.
    expect(await drawer(page).locator('[role="gridcell"]').first().textContent()).toBe('suspect');
    expect(
      await drawer(page)
        .getByText(/upstream_status 401/)
        .count(),
    ).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });

  it('names the suspect of each incident, its candidates, why the request that is chosen failed, and that there is none', async () => {
    const { page, errors } = await open('Admin', { path: `/dashboards/what-changed.json?${range()}` });
    const incidents = page.locator('[data-panel="What broke what"]');
    const refused = incidents.getByRole('row').filter({ hasText: 'upstream_status 401' });
    await refused.getByText('Provider key openai-prod updated by carol').waitFor();
    await refused.getByText('All candidates').click();
    const candidates = drawer(page).getByRole('row').filter({ hasText: 'openai-prod' });
    await candidates.first().waitFor();
    expect(await candidates.first().textContent()).toMatch(/1Provider key openai-prod updated(suspect)?carol/);
    await drawer(page).getByRole('button', { name: 'Close' }).click();
    await drawer(page).waitFor({ state: 'detached' });
    const row = lines(page).filter({ hasText: '404' }).first();
    await row.getByRole('button').first().click();
    const link = await row.getByRole('link', { name: 'What broke it' }).getAttribute('href');
    await page.goto(page.url().replace(/#.*/, link ?? ''));
    await page
      .locator('[data-panel="Why a request ended as it did"]')
      .getByText(/^404 not_found: /)
      .waitFor();
    // Where there is nothing, that is said.
    const longAgo = `from=${Date.now() - 7_200_000}&to=${Date.now() - 3_600_000}`;
    await page.goto(page.url().replace(/#.*/, `#${explore(longAgo, { queryType: 'investigation' })}`));
    await page.getByText('No requests are known in the range').waitFor();
    expect(errors).toEqual([]);
  });

  it('gives a Viewer neither link nor answer, and leads from a marker to what a Viewer may see', async () => {
    const { page, errors, asked, bodies } = await open('Viewer', {
      path: explore(range(), { limit: 20, filters: REFUSED_KEY }),
    });
    const row = lines(page).first();
    await row.getByRole('button').first().click();
    await row.getByRole('button', { name: 'Attempts' }).waitFor();
    expect(await page.getByText('What broke it').count()).toBe(0);
    await page
      .getByRole('button', { name: /^Change at .*Provider key updated/ })
      .first()
      .click();
    const [around] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('button', { name: 'Requests around it' }).click(),
    ]);
    await around.waitForURL(/#/);
    expect(around.url()).toMatch(/gateway-timeline\.json\?.*&from=\d{13}&to=\d{13}$/);
    await around.close();
    expect(errors).toEqual([]);
    expect(asked.filter((url) => /\/(investigations|changes)\//.test(url))).toEqual([]);
    expectNoSecrets(await bodies(), ['/markers/search', '/requests/search']);
  });
}
