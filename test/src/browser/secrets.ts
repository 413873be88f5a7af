import { expect } from 'vitest';
import { storyChanges } from '../audit/storyEvents.ts';
import { CANARY } from './hostile.ts';
import type { Body } from './visit.ts';

/** What only changes have a name for; models and keys are named by requests, too. */
const SECRETS = [
  CANARY.actor,
  'canary-resource-5e1f',
  CANARY.value,
  ...storyChanges('story').map(({ actor }) => `"${actor}"`),
  'carol',
  'backup-cache',
  'batch-limit',
  'web squad',
  'sk-good-A',
  'sk-rotated-wrong',
  '/max_requests',
];

/** Of everything that came from the server, which must have been read, and must have come by all these routes. */
export function expectNoSecrets(bodies: readonly Body[], routes: readonly string[]): void {
  const isFile = (url: string) => /\/(host|public)\//.test(url);
  const isStream = (url: string) => url.endsWith('/requests/tail');
  expect(bodies.filter(({ url, text }) => text === undefined && !isFile(url) && !isStream(url))).toEqual([]);
  for (const route of routes) {
    const read = bodies.filter(({ url, text = '' }) => url.endsWith(route) && text.length > 20);
    expect(read.length, route).toBeGreaterThan(0);
  }
  const all = bodies.map(({ text = '' }) => text).join('\n');
  expect(SECRETS.filter((text) => all.includes(text))).toEqual([]);
}
