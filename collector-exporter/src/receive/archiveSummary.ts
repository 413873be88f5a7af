import type { SkippedPath } from './archiveFiles.ts';
import type { ArchiveProblem } from './archiveRead.ts';

/** A line that was refused. */
export interface RefusedLine {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

export interface BackfillSummary {
  /** Files done, those of earlier runs included. */
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
  /** Events made durable by this run. */
  readonly events: number;
  /** Lines refused by this run; the first {@link MAX_REFUSED_LISTED} of them follow. */
  readonly refused: number;
  readonly refusedLines: readonly RefusedLine[];
  /** Files that could not be read to their end (or hold mostly bad lines, `too_many_refusals`); their lines before that were kept. */
  readonly problems: readonly ArchiveProblem[];
  readonly problemCount: number;
  /** Paths that were not read at all. */
  readonly skipped: readonly SkippedPath[];
  readonly skippedCount: number;
  /** An earlier run had been interrupted, and this one went on from there. */
  readonly resumed: boolean;
  /** The signal stopped it; another run with the same checkpoint file goes on. */
  readonly interrupted: boolean;
  readonly durationMillis: number;
}

/** Listed by name; all are counted. */
export const MAX_REFUSED_LISTED = 100;
export const MAX_PROBLEMS_LISTED = 1000;

/** What a run found that was not as it should be. */
export interface Findings {
  refused(line: RefusedLine): void;
  damaged(problem: ArchiveProblem): void;
  readonly refusedLines: readonly RefusedLine[];
  readonly problems: readonly ArchiveProblem[];
  problemCount(): number;
}

export function createFindings(): Findings {
  const refusedLines: RefusedLine[] = [];
  const problems: ArchiveProblem[] = [];
  let problemCount = 0;
  return {
    refused(line) {
      if (refusedLines.length < MAX_REFUSED_LISTED) refusedLines.push(line);
    },
    damaged(problem) {
      problemCount += 1;
      if (problems.length < MAX_PROBLEMS_LISTED) problems.push(problem);
    },
    refusedLines,
    problems,
    problemCount: () => problemCount,
  };
}

/** Of a run that was stopped before it had read anything. */
export function interruptedAtOnce(durationMillis: number): BackfillSummary {
  const nothing = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0, events: 0, refused: 0, refusedLines: [] };
  const noFaults = { problems: [], problemCount: 0, skipped: [], skippedCount: 0 };
  return { ...nothing, ...noFaults, resumed: false, interrupted: true, durationMillis };
}
