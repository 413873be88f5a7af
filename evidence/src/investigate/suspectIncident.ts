import type { Impact } from './answers.ts';
import { type Evidence, firstAt, type KnownChange, touchedBy } from './evidence.ts';
import type { FoundIncident } from './foundIncident.ts';
import { symptomRows } from './symptomRows.ts';

/**
 * The incident that a suspect tells of by itself: its own failures among what it touches. Scans miss what is faint on
 * every single model and caller; undefined where the suspicion rests on a shift between models.
 */
export function incidentOfSuspect(evidence: Evidence, known: KnownChange, impact: Impact): FoundIncident | undefined {
  const [leading] = impact.indicators;
  if (leading === undefined || leading.kind === 'target_mix') return undefined;
  const { combinations, signatures } = evidence;
  if (leading.kind === 'vanished' || leading.kind === 'slow') {
    const shapes = combinations
      .filter((_, number) => touchedBy(evidence, known)[number] === 1)
      .map(({ shape }) => shape);
    const named = (names: readonly (string | undefined)[]) => new Set(names.filter((name) => name !== undefined));
    const symptom = {
      kind: leading.kind,
      start: known.time.from,
      models: leading.kind === 'slow' ? named(shapes.map(({ requestedModel }) => requestedModel)) : new Set<string>(),
      keys:
        leading.kind === 'slow'
          ? new Set<string>()
          : named(shapes.map(({ apiKeyId, apiKeyName }) => apiKeyId ?? apiKeyName)),
      ...leading.after,
      nats: leading.after.bad,
    };
    return { start: known.time.from, symptoms: [symptom] };
  }
  const signature = signatures.signatures.findIndex(
    ({ errorClass, status }) => errorClass === leading.errorClass && status === leading.status,
  );
  if (signature < 0) return undefined;
  const touched = touchedBy(evidence, known);
  const models = new Set<string>();
  const keys = new Set<string>();
  for (const [number, { shape, result, resultNumber }] of combinations.entries()) {
    if (touched[number] !== 1) continue;
    if (leading.kind === 'attempt') {
      for (const [place, one] of (signatures.ofAttempts[resultNumber] ?? []).entries()) {
        if (one === signature) models.add(result.attempts[place]?.model ?? '');
      }
      continue;
    }
    if (signatures.ended[resultNumber] !== signature) continue;
    if (shape.requestedModel !== undefined) models.add(shape.requestedModel);
    const key = shape.apiKeyId ?? shape.apiKeyName;
    if (known.change.resource.kind === 'api_key' && key !== undefined) keys.add(key);
  }
  const start = known.time.from;
  const { bad, total } = leading.after;
  return { start, symptoms: [{ kind: leading.kind, signature, start, models, keys, bad, total, nats: bad }] };
}

/** How sure it is that failures are over, in nats: as the scans ask for. */
const OVER_NATS = 6;

/**
 * When the failures that a suspect tells of stopped, in epoch milliseconds; undefined while they may go on, and for
 * slowness and absence, of which single requests tell nothing.
 */
export function endOfSuspect(
  evidence: Evidence,
  known: KnownChange,
  { start, symptoms: [symptom] }: FoundIncident,
  until: number,
): number | undefined {
  if (symptom?.kind !== 'outcome' && symptom?.kind !== 'attempt') return undefined;
  const { window, combination, parameters } = evidence;
  const touched = touchedBy(evidence, known);
  const { isBad } = symptomRows(evidence, symptom);
  let [bad, asked, wellSince] = [0, 0, 0];
  let last = start;
  const end = firstAt(window, until);
  for (let row = firstAt(window, start); row < end; row++) {
    if (touched[combination[row] ?? 0] !== 1) continue;
    wellSince++;
    if (!isBad(row)) continue;
    bad++;
    asked += wellSince;
    wellSince = 0;
    last = window.startTime[row] ?? last;
  }
  const share = Math.min(0.999, bad / Math.max(1, asked));
  return -wellSince * Math.log(1 - share) > OVER_NATS ? Math.min(until, last + parameters.stepMillis) : undefined;
}
