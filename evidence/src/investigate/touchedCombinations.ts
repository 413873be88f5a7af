import { type CodedField, type Combined, coded, maskOf } from './codes.ts';
import { type Clause, resultHolds, type Touch } from './touch.ts';

/** What a clause asks of a shape, by its part. */
const FIELDS = {
  models: 'requestedModel',
  apiKeyIds: 'apiKeyId',
  apiKeyNames: 'apiKeyName',
  mcpServers: 'mcpServer',
  a2aAgents: 'a2aAgent',
  passthroughRoutes: 'passthroughRoute',
  jwtProviders: 'jwtProvider',
  jwtClaimMappings: 'jwtClaimMapping',
  protocols: 'protocol',
} as const satisfies Readonly<Partial<Record<keyof Clause, CodedField>>>;

function markClause(evidence: Combined, clause: Clause, marks: Uint8Array): void {
  for (const [part, field] of Object.entries(FIELDS) as [keyof typeof FIELDS, CodedField][]) {
    const set = clause[part];
    if (set === undefined || set.size === 0) continue;
    const codes = coded(evidence, field);
    const mask = maskOf(codes, set);
    for (let number = 0; number < marks.length; number++) {
      if (mask[codes.code[number] ?? 0] === 1) marks[number] = 1;
    }
  }
  if (clause.modelIds === undefined && clause.providerKeyLabels === undefined) return;
  const held = Uint8Array.from(evidence.window.results, (result) => (resultHolds(clause, result) ? 1 : 0));
  for (let number = 0; number < marks.length; number++) {
    if (held[evidence.resultNumber[number] ?? 0] === 1) marks[number] = 1;
  }
}

/** A multiple of four bytes, so that four marks can be joined at once. */
const marksOf = (length: number): Uint8Array => new Uint8Array(new ArrayBuffer((length + 3) & ~3), 0, length);

const wordsOf = ({ buffer }: Uint8Array): Uint32Array => new Uint32Array(buffer);

/** By combination: 1 where a touch holds, as `touches` says it of one; asked once per different value. */
export function touchedCombinations(evidence: Combined, touch: Touch | undefined): Uint8Array {
  const touched = marksOf(evidence.shapeNumber.length);
  if (touch === undefined || touch.clauses.length === 0) return touched;
  touched.fill(1);
  for (const clause of touch.clauses) {
    if (clause.all === true) continue;
    const marks = marksOf(touched.length);
    markClause(evidence, clause, marks);
    const [all, own] = [wordsOf(touched), wordsOf(marks)];
    for (let word = 0; word < all.length; word++) all[word] = (all[word] ?? 0) & (own[word] ?? 0);
  }
  return touched;
}

/** By combination: 1 where any has 1; all of them made by `touchedCombinations` of one evidence. */
export function anyTouched(evidence: Combined, all: Iterable<Uint8Array>): Uint8Array {
  const any = marksOf(evidence.shapeNumber.length);
  const words = wordsOf(any);
  for (const one of all) {
    const own = wordsOf(one);
    for (let word = 0; word < words.length; word++) words[word] = (words[word] ?? 0) | (own[word] ?? 0);
  }
  return any;
}
