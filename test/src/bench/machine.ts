import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

const GIB = 1024 ** 3;

/** Processor, memory and versions that a figure was measured with. */
export function machine(): string {
  const memory = Math.round(totalmem() / GIB);
  return `node ${process.version}, sqlite ${process.versions.sqlite ?? '?'}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}, ${memory} GiB, ${process.platform} ${process.arch}`;
}

/** Clock ticks of Linux's `/proc`, per second. */
const TICKS = 100;

/** Processor seconds that everything on the machine used since it started: what strangers took shows in the difference. */
export function busySeconds(): number {
  const [, user, nice, system, , , irq, softIrq] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9).map(Number);
  return ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softIrq ?? 0)) / TICKS;
}
