import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './job.ts';

/** Works jobs off on some threads; results come in any order. */
export async function runJobs(
  jobs: readonly Job[],
  threads: number,
  onResult: (result: JobResult, done: number) => void,
): Promise<void> {
  const waiting = [...jobs];
  let done = 0;
  await Promise.all(
    Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      return new Promise<void>((resolve, reject) => {
        const next = () => {
          const job = waiting.shift();
          if (job === undefined) void worker.terminate().then(() => resolve());
          else worker.postMessage(job);
        };
        worker.on('error', reject);
        worker.on('message', (result: JobResult) => {
          onResult(result, ++done);
          next();
        });
        next();
      });
    }),
  );
}
