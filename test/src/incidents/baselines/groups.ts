import type { CatalogueEntry, ConfigChange, RequestWindow } from '@aisix-observability/evidence';
import type { JudgedInput } from '../judge/algorithm.ts';

/** Which rows a change can reach, by shape and result: plain joins of ids and names, without history. */
export interface Treated {
  has(row: number): boolean;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Names of models and groups that lead to one of the given models. */
function leadingTo(names: ReadonlySet<string>, entries: readonly CatalogueEntry[]): Set<string> {
  const found = new Set(names);
  for (const { kind, name, value } of entries) {
    if (kind !== 'model' || name === undefined) continue;
    const text = JSON.stringify([value.routing ?? null, value.ensemble ?? null]);
    for (const inside of names) if (text.includes(`"${inside}"`)) found.add(name);
  }
  return found;
}

/** Configuration in force just before a time. */
export function entriesAt({ config }: JudgedInput, time: number): readonly CatalogueEntry[] {
  return config.findLast(({ from }) => from < time)?.entries ?? config[0]?.entries ?? [];
}

/** Time in force; the audit time plus a guard where it is unknown (B3). */
export function inForceAt(change: ConfigChange): number {
  const GUARD_MS = 45_000;
  if (change.effective.length > 0) return Math.min(...change.effective.map(({ at }) => at));
  return change.occurredAt + GUARD_MS;
}

/** B3: the rows whose requested model, tried models or caller key a change can reach; all for what belongs to everybody. */
export function treatedBy(change: ConfigChange, input: JudgedInput): Treated {
  const { window } = input;
  const entries = entriesAt(input, change.occurredAt);
  const { kind, id, name = '' } = change.resource;
  const byModels = (names: ReadonlySet<string>) => rowsOfModels(window, leadingTo(names, entries));
  switch (kind) {
    case 'model':
      return byModels(new Set([name]));
    case 'provider_key':
      return byModels(
        new Set(entries.filter((entry) => entry.value.provider_key_id === id).map((entry) => entry.name ?? '')),
      );
    case 'api_key':
      return rowsOfCaller(window, id ?? '');
    case 'rate_limit_policy':
      return rowsOfCaller(window, textOf(entries.find((entry) => entry.id === id)?.value.scope_ref));
    case 'cache_policy': {
      const applies = textOf(entries.find((entry) => entry.id === id)?.value.applies_to);
      return byModels(new Set([applies.replace('model:', '')]));
    }
    default:
      return { has: () => true };
  }
}

function rowsOfModels({ shape, shapes }: RequestWindow, names: ReadonlySet<string>): Treated {
  const touched = shapes.map(({ requestedModel = '' }) => names.has(requestedModel));
  return { has: (row) => touched[shape[row] ?? -1] === true };
}

function rowsOfCaller({ shape, shapes }: RequestWindow, id: string): Treated {
  const touched = shapes.map(({ apiKeyId }) => apiKeyId === id);
  return { has: (row) => touched[shape[row] ?? -1] === true };
}
