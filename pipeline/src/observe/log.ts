export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Writes one structured line. `message` is a constant sentence; everything that came from outside goes to `fields`,
 * whose values the writer escapes and cuts.
 */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** For callers that do not care. */
export const silentLog: Log = () => {};
