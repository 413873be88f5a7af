import type { ConfigChange } from '../model/change.ts';
import { textAt } from './document.ts';
import type { MechanismContext } from './mechanism.ts';
import type { Around } from './resourceGraph.ts';

/** Whether a creation takes the place of what was deleted under its name. */
function replaces({ action, resource, occurredAt }: ConfigChange, all: readonly ConfigChange[]): boolean {
  if (action !== 'create' || resource.name === undefined) return false;
  return all.some(
    (other) =>
      other.action === 'delete' &&
      other.resource.kind === resource.kind &&
      other.resource.name === resource.name &&
      other.occurredAt <= occurredAt,
  );
}

const COST = /^\/cost(\/|$)/;

/** Whether a price decides where requests go: the model is a target of a group that takes the cheapest one. */
function routesByPrice({ resource, paths }: ConfigChange, { before, after }: Around): boolean {
  const { kind, name } = resource;
  if (kind !== 'model' || name === undefined || !paths.some(({ path }) => COST.test(path))) return false;
  return [before, after].some((graph) =>
    [...graph.models.values()].some(
      ({ id, targets }) =>
        targets.includes(name) && textAt(graph.entry('model', id)?.value, 'routing', 'strategy') === 'least_cost',
    ),
  );
}

/** What else bears on what a change can do. */
export function mechanismContext(change: ConfigChange, all: readonly ConfigChange[], around: Around): MechanismContext {
  return { replaces: replaces(change, all), routesByPrice: routesByPrice(change, around) };
}
