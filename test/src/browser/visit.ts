import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import type { OrgRole } from '../preview/proxy/pluginRoutes.ts';

export interface VisitOptions {
  readonly theme?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
  /** Behind the `#`: the page and its parameters. */
  readonly path?: string;
}

/** A page that somebody looks at, with everything that it got and complained about. */
export interface Visit {
  readonly page: Page;
  /** Errors of its console and of its scripts. */
  readonly errors: string[];
  /** Addresses that it asked for. */
  readonly asked: string[];
  /** Every body that came to the browser whole. */
  bodies(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A session of somebody with a role; pages in it share what was loaded. */
export async function signIn(browser: Browser, url: string, role: OrgRole): Promise<BrowserContext> {
  const context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-US' });
  await context.addCookies([{ name: 'aisix_preview_role', value: role, url }]);
  return context;
}

/** Opens the preview in a page of its own. */
export async function visit(context: BrowserContext, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { theme = 'dark', width = 1440, height = 900, path = '/explore' } = options;
  const page = await context.newPage();
  await page.setViewportSize({ width, height });
  await page.addInitScript((chosen) => localStorage.setItem('aisix.preview.theme', chosen), theme);
  const errors: string[] = [];
  const asked: string[] = [];
  const bodies: Promise<string>[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  page.on('requestfinished', (request) => {
    bodies.push(textOf(request).catch(() => ''));
  });
  await page.goto(`${url}#${path}`);
  return {
    page,
    errors,
    asked,
    bodies: () => Promise.all(bodies),
    close: () => page.close(),
  };
}

async function textOf(request: Request): Promise<string> {
  const response = await request.response();
  return response === null ? '' : response.text();
}
