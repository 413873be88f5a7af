import { type Evidence, type KnownChange, touchedBy } from './evidence.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import { lengthOf, newest, type Span, without } from './spans.ts';
import { findTroubles, type Trouble } from './symptoms.ts';

/** What came before a change. */
export interface BeforeWindow {
  /** Ascending; finished incidents of the touched requests are left out. */
  readonly spans: readonly Span[];
  readonly millis: number;
  /** Troubles of the touched requests that lasted when the change came: what a fix would end. */
  readonly lasting: readonly Trouble[];
}

/** Weaker rises are how the traffic is, and belong to what is usual. */
const INCIDENT_NATS = 20;

/** Whether a change has to do with a sort of trouble. */
function concerns({ signatures }: Evidence, { mechanism }: KnownChange, { kind, signature }: Trouble): boolean {
  const family =
    kind === 'slow' || kind === 'vanished' ? kind : (signatures.signatures[signature ?? -1]?.family ?? 'other');
  const weight = Math.max(mechanism.worse[family] ?? 0, mechanism.better[family] ?? 0);
  return mechanism.unknown || weight >= LEAST_MECHANISM;
}

/** An end is found to a few steps; what ended this near to the change may have been ended by it. */
const END_STEPS = 3;

const keyOf = (kind: string, signature: number | undefined, by: string, of: string): string =>
  `${kind} ${signature ?? -1} ${by} ${of}`;

/** Series that hold failures (or requests, for slow and vanished ones) of what is touched. */
function seriesOf(evidence: Evidence, known: KnownChange): ReadonlySet<string> {
  const { combinations, signatures } = evidence;
  const touched = touchedBy(evidence, known);
  const series = new Set<string>();
  for (let number = 0; number < combinations.length; number++) {
    const combination = combinations[number];
    if (touched[number] !== 1 || combination === undefined) continue;
    const { shape, result, resultNumber } = combination;
    const model = shape.requestedModel ?? '';
    const key = shape.apiKeyId ?? shape.apiKeyName;
    const end = signatures.ended[resultNumber] ?? -1;
    series.add(`slow -1 model ${model}`);
    if (end >= 0) series.add(keyOf('outcome', end, 'model', model));
    for (const [place, signature] of (signatures.ofAttempts[resultNumber] ?? []).entries()) {
      if (signature >= 0) series.add(keyOf('attempt', signature, 'model', result.attempts[place]?.model ?? ''));
    }
    if (key === undefined) continue;
    series.add(`vanished -1 key ${key}`);
    if (end >= 0) series.add(keyOf('outcome', end, 'key', key));
  }
  return series;
}

/** The window before a change, clean of finished incidents that touch the same requests. */
export function beforeWindow(evidence: Evidence, known: KnownChange): BeforeWindow {
  const { time } = known;
  const { window, parameters } = evidence;
  const { stepMillis, beforeMillis, historyMillis } = parameters;
  const series = seriesOf(evidence, known);
  const own = findTroubles(evidence, window.to).filter(
    ({ kind, signature, by, of, start }) =>
      start < time.from - stepMillis && series.has(keyOf(kind, signature, by, of)),
  );
  const lasts = ({ end }: Trouble): boolean => end === undefined || end > time.from - END_STEPS * stepMillis;
  const holes = own
    .filter((trouble) => !lasts(trouble) && trouble.nats >= INCIDENT_NATS && concerns(evidence, known, trouble))
    .map(({ start, end }) => ({ from: start - stepMillis, to: (end ?? time.from) + stepMillis }));
  const all = { from: Math.max(window.from, time.from - historyMillis), to: time.from };
  const spans = newest(all.to > all.from ? without(all, holes) : [], beforeMillis);
  return { spans, millis: lengthOf(spans), lasting: own.filter(lasts) };
}
