import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import type { OrgRole } from '../preview/proxy/pluginRoutes.ts';

export interface VisitOptions {
  readonly theme?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
  /** Behind the `#`: the page and its parameters. */
  readonly path?: string;
}

export interface Body {
  readonly url: string;
  /** Nothing where the browser does not give it out. */
  readonly text: string | undefined;
}

/** A page that somebody looks at, with everything that it got and complained about. */
export interface Visit {
  readonly page: Page;
  /** Errors of its console and of its scripts. */
  readonly errors: string[];
  /** Addresses that it asked for. */
  readonly asked: string[];
  /** What it sent, with where. */
  readonly posted: { readonly url: string; readonly body: string }[];
  /** Every body that came to the browser, whole or as far as it was read: streams break off when they are left. */
  bodies(): Promise<readonly Body[]>;
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
  const bodies: Promise<Body>[] = [];
  await page.addInitScript(keepStreams);
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => errors.push(error.message));
  const posted: { readonly url: string; readonly body: string }[] = [];
  page.on('request', (request) => {
    asked.push(request.url());
    posted.push({ url: request.url(), body: request.postData() ?? '' });
  });
  page.on('requestfinished', (request) => {
    bodies.push(bodyOf(request));
  });
  await page.goto(`${url}#${path}`);
  return {
    page,
    errors,
    asked,
    posted,
    bodies: async () => [
      ...(await Promise.all(bodies)),
      ...(await page.evaluate(() => (globalThis as unknown as { streamed: Body[] }).streamed)),
    ],
    close: () => page.close(),
  };
}

async function bodyOf(request: Request): Promise<Body> {
  const url = request.url();
  try {
    const response = await request.response();
    return { url, text: response === null ? undefined : await response.text() };
  } catch {
    return { url, text: undefined };
  }
}

/** Runs in the page: what comes in a stream is kept as it comes, because the browser forgets what was not ended. */
function keepStreams(): void {
  const { fetch } = globalThis;
  const streamed: { readonly url: string; text: string }[] = [];
  Object.assign(globalThis, { streamed });
  globalThis.fetch = async (...asked) => {
    const response = await fetch(...asked);
    if (response.url.includes('/requests/tail')) {
      const kept = { url: response.url, text: '' };
      streamed.push(kept);
      const read = async () => {
        const lines = response.clone().body?.pipeThrough(new TextDecoderStream());
        if (lines !== undefined) for await (const text of lines) kept.text += text;
      };
      read().catch(() => undefined);
    }
    return response;
  };
}
