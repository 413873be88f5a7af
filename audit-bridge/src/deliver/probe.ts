import type { Annotation, AnnotationDriver, Outcome } from './annotationDriver.ts';
import { APPLICATION_TAG, eventTag } from './annotationTags.ts';

/** A moment of 2001 with odd milliseconds: nobody looks there, and a backend that keeps seconds shows itself. */
const PROBE_TIME = 1_000_000_000_123;
const PROBE_END = 1_000_000_001_456;

export interface ProbeOptions {
  readonly driver: AnnotationDriver;
  /** Tells the probes of this installation from those of others. */
  readonly probeId: string;
  readonly orgId?: number;
  readonly signal: AbortSignal;
}

type Trouble = Exclude<Outcome<never>, { kind: 'done' }>;

/**
 * Creates one annotation, reads it, moves it, reads it again and deletes it, after it has deleted what an interrupted
 * probe left. So that credentials, permissions and a backend that stores other times than it was given show at the
 * start and not at the first change.
 */
export async function probeTarget({
  driver,
  probeId,
  orgId,
  signal,
}: ProbeOptions): Promise<Trouble | { kind: 'done' }> {
  const tags = [APPLICATION_TAG, eventTag(probeId)];
  const point: Annotation = { time: PROBE_TIME, timeEnd: PROBE_TIME, tags, text: 'AISIX Observability may write here' };
  const region: Annotation = { ...point, timeEnd: PROBE_END };

  const organization = await driver.organization(signal);
  if (organization.kind !== 'done') return organization;
  if (orgId !== undefined && organization.value !== undefined && organization.value !== orgId) {
    return {
      kind: 'blocked',
      message: `the token belongs to organization ${organization.value}, expected ${orgId}`,
      hint: 'a service account belongs to one organization: correct org_id or the token',
    };
  }
  const swept = await sweepProbe({ driver, probeId, signal });
  if (swept.kind !== 'done') return swept;

  const created = await driver.create(point, signal);
  if (created.kind !== 'done') return created;
  const id = created.value;
  const first = await compared(driver, id, point, signal);
  if (first.kind === 'done') {
    const updated = await driver.update(id, region, signal);
    if (updated.kind !== 'done') return updated;
  }
  const second = first.kind === 'done' ? await compared(driver, id, region, signal) : first;
  if (second.kind === 'failed' || second.kind === 'aborted') return second;
  const removed = await driver.remove(id, signal);
  return removed.kind === 'done' ? second : removed;
}

/** Deletes what a probe left: one that was interrupted, or whose request was stored after it was given up. */
export async function sweepProbe({
  driver,
  probeId,
  signal,
}: Omit<ProbeOptions, 'orgId'>): Promise<Trouble | { kind: 'done' }> {
  const left = await driver.find([APPLICATION_TAG, eventTag(probeId)], signal);
  if (left.kind !== 'done') return left;
  for (const { id } of left.value) {
    const removed = await driver.remove(id, signal);
    if (removed.kind !== 'done' && removed.kind !== 'missing') return removed;
  }
  return { kind: 'done' };
}

async function compared(driver: AnnotationDriver, id: string, sent: Annotation, signal: AbortSignal) {
  const stored = await driver.read(id, signal);
  if (stored.kind !== 'done') return stored;
  const { time, timeEnd } = stored.value;
  if (time === sent.time && timeEnd === sent.timeEnd) return { kind: 'done' } as const;
  return {
    kind: 'blocked',
    message: `an annotation at ${sent.time} to ${sent.timeEnd} was stored at ${time} to ${timeEnd}`,
    hint: 'something between here and Grafana changes times; markers would stand in the wrong place',
  } as const;
}
