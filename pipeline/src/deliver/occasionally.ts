import type { Log, LogLevel } from '../observe/log.ts';
import type { Clock } from './clock.ts';
import { LOG_AGAIN_MILLIS } from './limits.ts';

/** Logs the first of its kind, and the next one only after a while, with how many were left out. */
export type OccasionalLog = (
  kind: string,
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** `kind` must come from a small fixed set. */
export function createOccasionalLog(log: Log, clock: Clock): OccasionalLog {
  const seen = new Map<string, { at: number; leftOut: number }>();
  return (kind, level, message, fields) => {
    const last = seen.get(kind);
    if (last !== undefined && clock.now() - last.at < LOG_AGAIN_MILLIS) {
      last.leftOut += 1;
      return;
    }
    seen.set(kind, { at: clock.now(), leftOut: 0 });
    log(level, message, last === undefined || last.leftOut === 0 ? fields : { ...fields, since_last: last.leftOut });
  };
}
