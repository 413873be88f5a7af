import type { Browser, Page, Request } from 'playwright-core';
import type { OrgRole } from '../preview/proxy/pluginRoutes.ts';

export interface VisitOptions {
  readonly role?: OrgRole;
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

/** Opens the preview in a session of its own. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { role, theme = 'dark', width = 1440, height = 900, path = '/explore' } = options;
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'UTC', locale: 'en-US' });
  if (role !== undefined) await context.addCookies([{ name: 'aisix_preview_role', value: role, url }]);
  await context.addInitScript((chosen) => localStorage.setItem('aisix.preview.theme', chosen), theme);
  const page = await context.newPage();
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
    close: () => context.close(),
  };
}

async function textOf(request: Request): Promise<string> {
  const response = await request.response();
  return response === null ? '' : response.text();
}
