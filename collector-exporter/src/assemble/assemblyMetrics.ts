import type { Recorder } from '@aisix-observability/pipeline';
import type { AssemblerCounts } from './assembler.ts';

/** Names of what assembly reports through the `Recorder`; each is explained in `ASSEMBLY_METRIC_HELP`. */
export const ASSEMBLY_METRICS = {
  openRequests: 'aisix_open_requests',
  reports: 'aisix_reports_assembled',
  readFailures: 'aisix_assembly_read_failures',
  commitFailures: 'aisix_assembly_commit_failures',
} as const;

type AssemblyMetric = (typeof ASSEMBLY_METRICS)[keyof typeof ASSEMBLY_METRICS];

/** What each metric says. */
export const ASSEMBLY_METRIC_HELP: Readonly<Record<AssemblyMetric, string>> = {
  aisix_open_requests: 'Requests that still wait for facts',
  aisix_reports_assembled:
    'Usage events and spans that assembly read, by result: used, duplicate (nothing new), conflict (two values of one fact, the smaller is kept), superseded (a later report of the same attempt stands)',
  aisix_assembly_read_failures: 'Times that deliveries could not be read and were tried again',
  aisix_assembly_commit_failures: 'Times that requests could not be written and were tried again',
};

/** Tells the recorder what came of the reports since the last call; what a restart reads again counts again. */
export function createReportCounter(recorder: Recorder, counts: Readonly<AssemblerCounts>): () => void {
  const told = { used: 0, duplicate: 0, conflict: 0, superseded: 0 };
  return () => {
    const { reports, duplicates, conflicts, superseded } = counts;
    const now = {
      used: reports - duplicates - conflicts - superseded,
      duplicate: duplicates,
      conflict: conflicts,
      superseded,
    };
    for (const result of ['used', 'duplicate', 'conflict', 'superseded'] as const) {
      const more = now[result] - told[result];
      if (more > 0) recorder.count(ASSEMBLY_METRICS.reports, more, { result });
      told[result] = now[result];
    }
  };
}
