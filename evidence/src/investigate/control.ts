import { type Codes, coded, maskOf } from './codes.ts';
import { type Evidence, eachTouchedBy, type KnownChange, touchedBy } from './evidence.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import type { ResourceGraph } from './resourceGraph.ts';
import { anyTouched } from './touchedCombinations.ts';

/** What a combination is to a change. */
export const TREATED = 0;
/** Beside what it touches (another model on the same provider key, another caller of the same models). */
export const SIBLING = 1;
/** A sibling that another change touched meanwhile. */
export const SIBLING_TOUCHED = 2;
export const OTHER = 3;
export const OTHER_TOUCHED = 4;
export const CATEGORIES = 5;

/** Whether a change could do anything at all. */
export function canDoSomething({ mechanism, change }: KnownChange): boolean {
  if (change.state === 'rejected' || change.state === 'superseded' || change.result === 'failure') return false;
  return (
    mechanism.unknown ||
    [mechanism.worse, mechanism.better].some((weights) =>
      Object.values(weights).some((weight) => weight >= LEAST_MECHANISM),
    )
  );
}

/** Provider keys at which requests for a model may end. */
function providerKeysOf(graph: ResourceGraph, model: string): Set<string> {
  return new Set(
    [...graph.endsOf(model)].map((end) => graph.models.get(end)?.providerKeyId).filter((id) => id !== undefined),
  );
}

/** Models that share a provider key with the touched ones: an outage hits them alike. */
function siblingModels({ around, touch, change }: KnownChange): ReadonlySet<string> {
  const graph = around.before;
  const touched = touch?.clauses[0]?.models ?? new Set<string>();
  const own = touch?.targets?.names ?? new Set([change.resource.name ?? '', change.resource.previousName ?? '']);
  const keys = new Set([...own].flatMap((name) => [...providerKeysOf(graph, name)]));
  return new Set(
    [...graph.models.keys()].filter(
      (name) => !touched.has(name) && [...providerKeysOf(graph, name)].some((key) => keys.has(key)),
    ),
  );
}

/** Models that the touched requests ask for: other callers of them are siblings. */
function modelsAskedFor({ code, values }: Codes, touched: Uint8Array): ReadonlySet<string> {
  const asked = new Uint8Array(values.length);
  for (let number = 0; number < touched.length; number++) {
    if (touched[number] === 1) asked[code[number] ?? 0] = 1;
  }
  return new Set(values.filter((value, place) => asked[place] === 1 && value !== undefined) as string[]);
}

const isByModel = ({ change }: KnownChange): boolean => change.resource.kind === 'model';

/** By combination: what it is to a change, given others that came into force in the same span. */
export function categorise(
  evidence: Evidence,
  known: KnownChange,
  span: { readonly from: number; readonly to: number },
): Uint8Array {
  const own = touchedBy(evidence, known);
  const others = evidence.changes
    .filter(({ change, time }) => change.id !== known.change.id && time.to >= span.from && time.from < span.to)
    .filter((other) => canDoSomething(other) && other.touch !== undefined && !other.touch.weak);
  const models = coded(evidence, 'requestedModel');
  // A provider key has no siblings: all that is on it is touched.
  const siblings = isByModel(known)
    ? siblingModels(known)
    : known.change.resource.kind === 'provider_key'
      ? new Set<string>()
      : modelsAskedFor(models, own);
  const touched = anyTouched(evidence, eachTouchedBy(evidence, others));
  const isSibling = maskOf(models, siblings);
  const category = new Uint8Array(own.length);
  for (let number = 0; number < own.length; number++) {
    if (own[number] === 1) category[number] = TREATED;
    else if (isSibling[models.code[number] ?? 0] === 1) {
      category[number] = touched[number] === 1 ? SIBLING_TOUCHED : SIBLING;
    } else category[number] = touched[number] === 1 ? OTHER_TOUCHED : OTHER;
  }
  return category;
}
