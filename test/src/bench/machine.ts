import { availableParallelism, cpus, totalmem } from 'node:os';

const GIB = 1024 ** 3;

/** Processor, memory and versions that a figure was measured with. */
export function machine(): string {
  const memory = Math.round(totalmem() / GIB);
  return `node ${process.version}, sqlite ${process.versions.sqlite ?? '?'}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}, ${memory} GiB, ${process.platform} ${process.arch}`;
}
