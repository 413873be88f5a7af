import type { ConfigChange } from '../model/change.ts';
import { type BriefKind, briefMemory } from './briefMemory.ts';
import type { Combined } from './codes.ts';
import { keptGraphs } from './keptGraphs.ts';
import { ANY_MECHANISM, type Mechanism, mechanismOf } from './mechanism.ts';
import { mechanismContext } from './mechanismContext.ts';
import type { EvidenceInput, InvestigationParameters, RequestResult, RequestShape, RequestWindow } from './model.ts';
import { PRODUCT_PARAMETERS } from './parameters.ts';
import type { Around, ResourceGraph } from './resourceGraph.ts';
import { type SignatureTable, tabulateSignatures } from './signatures.ts';
import { type TimeInForce, timeInForceOf } from './timeInForce.ts';
import type { Touch } from './touch.ts';
import { touchedCombinations } from './touchedCombinations.ts';
import { touchOf } from './touchOf.ts';

/** A shape with a result: what all decisions about groups are made for, once for all requests that share it. */
export interface Combination {
  readonly shape: RequestShape;
  readonly result: RequestResult;
  /** Index into `window.results`. */
  readonly resultNumber: number;
}

/** A change with what follows from it alone. */
export interface KnownChange {
  readonly change: ConfigChange;
  readonly time: TimeInForce;
  readonly around: Around;
  readonly mechanism: Mechanism;
  /** Undefined: nothing tells what it is about. */
  readonly touch: Touch | undefined;
}

/** A window made ready for questions. Answers are remembered in it, and depend on nothing else. */
export interface Evidence extends Combined {
  readonly input: EvidenceInput;
  readonly parameters: InvestigationParameters;
  readonly signatures: SignatureTable;
  readonly combinations: readonly Combination[];
  /** By request: index into `combinations`. */
  readonly combination: Uint32Array;
  /** By the time in force. */
  readonly changes: readonly KnownChange[];
  graphAt(time: number): ResourceGraph;
  known(change: ConfigChange): KnownChange;
  /** Like `remember`, for what is large: forgotten when much else was asked for since. */
  rememberBriefly<Value>(kind: BriefKind, name: string, make: () => Value): Value;
}

/** By combination: 1 where a change touches it. */
export function touchedBy(evidence: Evidence, { change, touch }: KnownChange): Uint8Array {
  return evidence.rememberBriefly('marks', change.id, () => touchedCombinations(evidence, touch));
}

/** The same of several changes, one after the other: marks of a whole burst need not be held at once. */
export function* eachTouchedBy(evidence: Evidence, changes: Iterable<KnownChange>): Generator<Uint8Array> {
  for (const known of changes) yield touchedBy(evidence, known);
}

/** Remembers what `make` answers of a change under a name, together with all else of it. */
export function rememberAbout<Value>(
  evidence: Evidence,
  { change }: KnownChange,
  name: string,
  make: () => Value,
): Value {
  const own = evidence.rememberBriefly('change', change.id, () => new Map<string, unknown>());
  if (!own.has(name)) own.set(name, make());
  return own.get(name) as Value;
}

/** Index of the first request that starts at `time` or later. */
export function firstAt({ startTime, length }: RequestWindow, time: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((startTime[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** No combination. */
const NONE = 0xffff_ffff;

function combine(
  window: RequestWindow,
): Pick<Evidence, 'combinations' | 'combination' | 'shapeNumber' | 'resultNumber'> {
  const combination = new Uint32Array(window.length);
  const combinations: Combination[] = [];
  // The combinations of a shape are a chain: it has few results, so that nothing needs to be hashed.
  const first = new Uint32Array(window.shapes.length).fill(NONE);
  const next = new Uint32Array(window.length);
  const shapeNumber = new Uint32Array(window.length);
  const resultNumber = new Uint32Array(window.length);
  for (let row = 0; row < window.length; row++) {
    const shape = window.shape[row] ?? 0;
    const result = window.result[row] ?? 0;
    let number = first[shape] ?? NONE;
    while (number !== NONE && resultNumber[number] !== result) number = next[number] ?? NONE;
    if (number === NONE) {
      number = combinations.length;
      next[number] = first[shape] ?? NONE;
      first[shape] = number;
      shapeNumber[number] = shape;
      resultNumber[number] = result;
      combinations.push({
        shape: window.shapes[shape] as RequestShape,
        result: window.results[result] as RequestResult,
        resultNumber: result,
      });
    }
    combination[row] = number;
  }
  const count = combinations.length;
  return {
    combinations,
    combination,
    shapeNumber: shapeNumber.slice(0, count),
    resultNumber: resultNumber.slice(0, count),
  };
}

/** The moment before a change came into force at the first data plane. */
const JUST_BEFORE_MILLIS = 1;

/**
 * Makes a window ready: one pass over the requests. Then `weighChange` and `rankSuspects` may be asked as often as one
 * likes.
 *
 * @param briefBytes Bytes for each kind of what is remembered briefly.
 */
export function prepareEvidence(
  input: EvidenceInput,
  parameters: InvestigationParameters = PRODUCT_PARAMETERS,
  briefBytes?: number,
): Evidence {
  const { window, config } = input;
  const graphs = keptGraphs();
  const remembered = new Map<string, unknown>();
  const known = new Map<string, KnownChange>();

  const graphAt = (time: number): ResourceGraph => graphs(config.at(time));

  function sameNamed({ resource }: ConfigChange): ReadonlySet<string> {
    const ids = input.changes
      .filter((other) => other.resource.kind === resource.kind && other.resource.name === resource.name)
      .map((other) => other.resource.id);
    return new Set(resource.name === undefined ? [] : ids.filter((id) => id !== undefined));
  }

  function know(change: ConfigChange): KnownChange {
    const seen = known.get(change.id);
    if (seen !== undefined) return seen;
    const time = timeInForceOf(change, parameters.guardMillis, input.silent);
    const around: Around = { before: graphAt(time.from - JUST_BEFORE_MILLIS), after: graphAt(time.to) };
    const made: KnownChange = {
      change,
      time,
      around: {
        // Not held: each is a graph of everything.
        get before() {
          return graphAt(time.from - JUST_BEFORE_MILLIS);
        },
        get after() {
          return graphAt(time.to);
        },
      },
      mechanism: parameters.ablations.mechanisms
        ? mechanismOf(change, mechanismContext(change, input.changes, around))
        : ANY_MECHANISM,
      touch: touchOf(change, around, sameNamed(change)),
    };
    known.set(change.id, made);
    return made;
  }

  function remember<Value>(name: string, make: () => Value): Value {
    if (!remembered.has(name)) remembered.set(name, make());
    return remembered.get(name) as Value;
  }

  const changes = input.changes
    .map(know)
    .toSorted((a, b) => a.time.from - b.time.from || (a.change.id < b.change.id ? -1 : 1));
  const combined = combine(window);
  const brief = briefMemory(window.length, combined.combinations.length, briefBytes);
  return {
    input,
    window,
    parameters,
    signatures: tabulateSignatures(window.results),
    ...combined,
    changes,
    graphAt,
    known: know,
    remember,
    rememberBriefly: brief.of,
  };
}
