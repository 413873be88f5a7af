import type { Tokens } from '@aisix-observability/evidence';
import type { AttemptEvent } from './events.ts';

/**
 * Token counts of one event as GenAI conventions count them: `input` includes cached tokens.
 *
 * OpenAI-style counts already do (`cachedPromptTokens` is a subset); Anthropic-style ones do not, so the cache
 * counters are added. The gateway writes 0 for "nothing was counted", so an event without any token has none.
 */
export function tokensOf({ usage, span, carrier }: AttemptEvent): Tokens | undefined {
  if (usage === undefined) {
    const told = span ?? carrier;
    return told === undefined ? undefined : counts(told.promptTokens, told.completionTokens);
  }
  const read = usage.cacheReadTokens;
  const write = usage.cacheCreationTokens;
  const input = (usage.promptTokens ?? 0) + (read ?? 0) + (write ?? 0);
  const base = counts(input, usage.completionTokens);
  if (base === undefined) return undefined;
  const cacheRead = read ?? usage.cachedPromptTokens;
  return {
    ...base,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(write !== undefined && { cacheWrite: write }),
    ...(usage.reasoningTokens !== undefined && { reasoning: usage.reasoningTokens }),
  };
}

/** Sum over all events of a request: sub-calls of an ensemble add up, failed attempts count nothing. */
export function sumTokens(all: readonly Tokens[]): Tokens | undefined {
  if (all.length <= 1) return all[0];
  const sum: { -readonly [K in keyof Tokens]: Tokens[K] } = {};
  for (const tokens of all) {
    for (const name of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
      const value = tokens[name];
      if (value !== undefined) sum[name] = (sum[name] ?? 0) + value;
    }
  }
  return sum;
}

function counts(input: number | undefined, output: number | undefined): Tokens | undefined {
  if ((input ?? 0) === 0 && (output ?? 0) === 0) return undefined;
  return { input: input ?? 0, output: output ?? 0 };
}
