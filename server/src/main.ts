#!/usr/bin/env node
import { runCommand } from './cli/program.ts';
import { createStderrLog } from './telemetry/log.ts';

/**
 * Threads of Node's pool. Each query of the store holds one while it runs (six at once), the store's writer one, and
 * gzip, DNS and files need theirs meanwhile: with the default of four, two slow queries would hold up deliveries. It
 * has to be said before anything uses the pool.
 */
process.env.UV_THREADPOOL_SIZE ??= '12';

const log = createStderrLog();

// What nobody caught leaves the process in a state that nobody thought of. The streams are safe on disk, so the
// shortest way back to a known state is to end and be started again.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    log('error', 'The process ends because of an error that nothing handles.', { event, error });
    process.exit(1);
  });
}

const interruption = new AbortController();
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
for (const [signal, number] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][]) {
  process.on(signal, () => {
    // The second one means now; shells expect 128 plus the number.
    if (interruption.signal.aborted) process.exit(128 + number);
    interruption.abort();
  });
}

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  out: (text) => process.stdout.write(text),
  stdout: process.stdout,
  err: (text) => process.stderr.write(text),
  interactive: process.stdout.isTTY === true,
  log,
  now: Date.now,
  interrupted: interruption.signal,
});
// Sockets that idle in a pool must not keep a finished command alive.
process.exit();
