import type { StatusObservation } from '../model/observation.ts';
import { CLOCK_TOLERANCE_MS, PAIRING_WINDOW_MS } from './observed.ts';

/**
 * How long after a change a data plane may report that it applied something, and this still be the change: projection
 * takes seconds. A later report says more of a later change.
 */
export const STATUS_HORIZON_MS = 10 * 60_000;

/** Kinds that a data plane has at all; all others never come into force there. */
const GATEWAY_KINDS: ReadonlySet<string> = new Set([
  'model',
  'api_key',
  'provider_key',
  'guardrail',
  'guardrail_attachment',
  'rate_limit_policy',
  'cache_policy',
  'observability_exporter',
  'mcp_server',
  'a2a_agent',
  'passthrough_route',
  'mcp_policy',
  'mcp_auth_setting',
  'mcp_auth_settings',
  'oidc_provider',
  'claim_mapping',
]);

/** What is asked of the reports of one data plane. */
export interface StatusQuestion {
  readonly kind: string;
  readonly id?: string;
  /** When the change happened, and when the next one of the same resource did. */
  readonly at: number;
  readonly until: number;
  readonly revision?: number;
}

export interface StatusAnswer {
  readonly state: 'applied' | 'rejected';
  readonly at: number;
}

/**
 * What `/status/config` of one data plane says of a change (facts: K.4). In force needs an apply after it that is not
 * older than it, or its resource to have left `rejected`; `applied_revision` alone proves nothing, since it also
 * advances for a document that was refused.
 *
 * @param reports of one data plane, by time.
 */
export function answerOf(reports: readonly StatusObservation[], asked: StatusQuestion): StatusAnswer | undefined {
  if (!GATEWAY_KINDS.has(asked.kind)) return undefined;
  const until = Math.min(asked.until, asked.at + STATUS_HORIZON_MS);
  let refused: StatusAnswer | undefined;
  const first = firstFrom(reports, asked.at);
  let previous = reports[first - 1];
  for (let index = first; index < reports.length; index += 1) {
    const report = reports[index];
    if (report === undefined || report.observedAt >= until) break;
    if (knows(report, asked)) {
      if (refuses(report, asked)) {
        refused ??= isNews(previous, report, asked) ? { state: 'rejected', at: report.observedAt } : undefined;
      } else if (previous !== undefined && refuses(previous, asked)) {
        return { state: 'applied', at: report.observedAt };
      } else if (hasApplied(previous, report, asked)) {
        // Its clock may be ahead: what was seen in force was so by then.
        const appliedAt = Math.min(report.appliedAt ?? report.observedAt, report.observedAt);
        return { state: 'applied', at: Math.max(asked.at, appliedAt) };
      }
    }
    previous = report;
  }
  return refused;
}

/** Index of the first report that is not earlier than a moment. */
function firstFrom(reports: readonly StatusObservation[], at: number): number {
  let low = 0;
  for (let high = reports.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((reports[middle]?.observedAt ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A data plane that has not come to the revision yet cannot say anything of it. */
function knows(report: StatusObservation, { revision }: StatusQuestion): boolean {
  return revision === undefined || report.appliedRevision === undefined || report.appliedRevision >= revision;
}

function refuses({ rejected }: StatusObservation, { kind, id }: StatusQuestion): boolean {
  return rejected.some((entry) => entry.id === id && (entry.kind === kind || entry.kind === plural(kind)));
}

function plural(kind: string): string {
  return `${kind.replace(/y$/, 'ie')}s`;
}

/** A refusal that stood there before the change says nothing of it, unless the data plane has moved on since. */
function isNews(previous: StatusObservation | undefined, report: StatusObservation, asked: StatusQuestion): boolean {
  if (previous === undefined || !refuses(previous, asked)) return true;
  return asked.revision !== undefined && report.appliedRevision !== previous.appliedRevision;
}

function hasApplied(
  previous: StatusObservation | undefined,
  report: StatusObservation,
  { at }: StatusQuestion,
): boolean {
  if (report.applySeq === undefined || report.appliedAt === undefined) return false;
  if (report.appliedAt < at - CLOCK_TOLERANCE_MS) return false;
  // Of a data plane that was not known before the change, only a report close to it tells.
  if (previous === undefined) return report.observedAt - at <= PAIRING_WINDOW_MS;
  return report.applySeq !== previous.applySeq;
}
