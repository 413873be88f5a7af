/** `[from, to)`, epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The parts of `span` that no hole covers, ascending. */
export function without(span: Span, holes: readonly Span[]): readonly Span[] {
  let parts: readonly Span[] = [span];
  for (const hole of holes) {
    parts = parts.flatMap(({ from, to }) => {
      if (hole.to <= from || hole.from >= to) return [{ from, to }];
      return [
        { from, to: Math.max(from, hole.from) },
        { from: Math.min(to, hole.to), to },
      ].filter((part) => part.to > part.from);
    });
  }
  return parts;
}

/** The newest `millis` milliseconds of ascending spans. */
export function newest(spans: readonly Span[], millis: number): readonly Span[] {
  let left = millis;
  const kept: Span[] = [];
  for (const { from, to } of spans.toReversed()) {
    if (left <= 0) break;
    const start = Math.max(from, to - left);
    kept.unshift({ from: start, to });
    left -= to - start;
  }
  return kept;
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
