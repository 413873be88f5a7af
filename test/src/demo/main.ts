import { type DemoOptions, demoOptions, USAGE } from './options.ts';
import { runDemo } from './run.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The second time somebody means it.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}

// A terminal or a pipe that is gone: nothing to show any more, so end as on Ctrl-C.
process.stdout.on('error', () => stop.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.exitCode = 2;
  else if (options.help) process.stdout.write(USAGE);
  else await runDemo(options, process.stdout, stop.signal);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The demo failed.'}\n`);
  process.exitCode = 1;
}

/** Wrong usage is told with what is right. */
function readOptions(args: readonly string[]): DemoOptions | undefined {
  try {
    return demoOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'Wrong usage.'}\n\n${USAGE}`);
    return undefined;
  }
}
