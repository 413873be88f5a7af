import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds, with the elements. */
export async function faultsOf(page: Page): Promise<string[]> {
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
