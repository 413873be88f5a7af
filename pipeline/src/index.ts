export type { Log, LogLevel } from './observe/log.ts';
export { silentLog } from './observe/log.ts';
export type { Labels, Recorder } from './observe/recorder.ts';
export { silentRecorder } from './observe/recorder.ts';
export { StreamFullError, StreamUnavailableError } from './stream/errors.ts';
export type {
  Cursors,
  Gap,
  KeyedRow,
  Stream,
  StreamFile,
  StreamRecord,
  StreamRow,
  StreamStats,
} from './stream/stream.ts';
