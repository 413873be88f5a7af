import type { QueryServer } from './api.ts';

/** How long a thread held up its event loop since the last look, milliseconds. */
export interface ThreadDelay {
  readonly thread: string;
  readonly max: number;
  readonly p99: number;
}

export async function eventLoopDelay({ process: server }: QueryServer): Promise<readonly ThreadDelay[]> {
  const text = await server.metrics();
  const found = new Map<string, { max: number; p99: number }>();
  for (const [, labels = '', value] of text.matchAll(/^aisix_event_loop_delay_seconds\{([^}]*)\} (\S+)/gm)) {
    const thread = /thread="([^"]*)"/.exec(labels)?.[1] ?? '';
    const one = found.get(thread) ?? { max: 0, p99: 0 };
    found.set(thread, one);
    one[labels.includes('value="max"') ? 'max' : 'p99'] = Number(value) * 1000;
  }
  return [...found].map(([thread, delays]) => ({ thread, ...delays }));
}
