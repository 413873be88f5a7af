import type { EnvironmentConfig } from '../config/config.ts';

/** The id of a configured environment by what an event calls it; undefined for one that is not configured. */
export function environmentOf(environments: readonly EnvironmentConfig[]): (word: string) => string | undefined {
  return (word) => environments.find(({ id }) => id === word)?.id ?? environments.find(({ name }) => name === word)?.id;
}
