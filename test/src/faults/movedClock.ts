import { readFileSync } from 'node:fs';

// Loaded before the server (`node --import`), in each of its threads: the time of day is moved by as many milliseconds
// as stand in a file, as if somebody had set the clock. Timers go on as they do on a machine whose clock is set.

/** How soon a change is noticed. */
const LOOK_MILLIS = 20;

const file = process.env.FAULTS_CLOCK_FILE ?? '';
const RealDate = Date;
let offset = 0;
const look = () => {
  offset = Number(readFileSync(file, 'utf8'));
};
look();
setInterval(look, LOOK_MILLIS).unref();

globalThis.Date = class MovedDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [MovedDate.now()] : given) as [number]));
  }
  static override now(): number {
    return RealDate.now() + offset;
  }
} as DateConstructor;
