import { setTimeout as delay } from 'node:timers/promises';
import { openThread } from '../openThread.ts';

/** Calls of the thread in the tests. */
export type EchoCalls = {
  echo: { readonly input: string; readonly output: string };
  refuse: { readonly input: { readonly code: string; readonly field: string }; readonly output: never };
  wait: { readonly input: null; readonly output: string };
  aborted: { readonly input: null; readonly output: number };
  die: { readonly input: null; readonly output: null };
  break: { readonly input: null; readonly output: null };
};

const thread = openThread<{ readonly failAtStart?: boolean }, EchoCalls, string, string>();
if (thread.data.failAtStart) throw Object.assign(new Error('cannot start'), { code: 'cannot_start' });
let aborted = 0;
thread.notify('before it is ready');
thread.serve(
  {
    echo: (text) => text,
    refuse({ code, field }) {
      throw Object.assign(new RangeError('refused'), { code, field });
    },
    async wait(_, signal) {
      await delay(60_000, null, { signal }).catch(() => {
        aborted += 1;
      });
      return 'too late';
    },
    aborted: () => aborted,
    die: () => process.exit(3),
    break() {
      setImmediate(() => {
        throw new Error('nobody catches it');
      });
      return new Promise(() => {});
    },
  },
  (text) => thread.notify(`heard ${text}`),
);
