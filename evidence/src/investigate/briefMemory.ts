/** What an investigation needs again soon: of a change all that was counted around it, whom a change touches, whom a symptom meets. */
export type BriefKind = 'change' | 'marks' | 'symptom';

/** Bytes of each kind: of the counts around a change, some by request and some by combination; the others by combination. */
const SIZES: Readonly<Record<BriefKind, { readonly byRequest: number; readonly byCombination: number }>> = {
  change: { byRequest: 40, byCombination: 8 },
  marks: { byRequest: 0, byCombination: 1 },
  symptom: { byRequest: 0, byCombination: 2 },
};

/** Bytes that one kind may take. A million requests and five hundred changes would take ten thousand times a million. */
const MEMORY_BYTES = 128 * 1024 * 1024;

/** Of each kind at least so many: what is compared with each other is there at once. */
const LEAST_KEPT = 4;

/** Remembers what was asked for last; what is forgotten is made again, and is the same. */
export interface BriefMemory {
  of<Value>(kind: BriefKind, name: string, make: () => Value): Value;
}

/** Keeps the `most` that were asked for last. */
function newest(most: number) {
  const kept = new Map<string, unknown>();
  return <Value>(name: string, make: () => Value): Value => {
    const value = kept.has(name) ? (kept.get(name) as Value) : make();
    kept.delete(name);
    kept.set(name, value);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return value;
  };
}

/** @param bytes that each kind may take. */
export function briefMemory(requests: number, combinations: number, bytes: number = MEMORY_BYTES): BriefMemory {
  const keeping = (kind: BriefKind) => {
    const { byRequest, byCombination } = SIZES[kind];
    const size = Math.max(1, byRequest * requests + byCombination * combinations);
    return newest(Math.max(LEAST_KEPT, Math.floor(bytes / size)));
  };
  const kinds = { change: keeping('change'), marks: keeping('marks'), symptom: keeping('symptom') };
  return { of: (kind, name, make) => kinds[kind](name, make) };
}
