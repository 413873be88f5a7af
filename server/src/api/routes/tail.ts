import type { Log, Recorder } from '@aisix-observability/pipeline';
import { type ApiDeps, askedBy, askingOf } from '../context.ts';
import { tailLine } from '../contract/answers.ts';
import { tailBody } from '../contract/bodies.ts';
import type { RunLimits } from '../limits.ts';
import { type CursorQuery, readTailCursor, tailCursor } from '../query/cursor.ts';
import { checkConditions } from '../query/selection.ts';
import type { ApiRouter } from '../router.ts';
import { lineStream } from '../tail/lineStream.ts';
import { tailLines } from '../tail/tailLines.ts';
import type { Tails } from '../tail/tails.ts';
import { createWakeups, type OnApplied } from '../tail/wait.ts';

export interface TailRouteOptions {
  readonly onApplied: OnApplied;
  readonly tails: Tails;
  readonly limits: RunLimits;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly recorder: Recorder;
  readonly log: Log;
}

export function addTailRoute(router: ApiRouter, deps: ApiDeps, options: TailRouteOptions): void {
  const { store, environments, run } = deps;
  const { onApplied, tails, limits, now, recorder, log } = options;
  router.post(
    {
      path: '/requests/tail',
      summary: 'New and changed requests as they are stored, as lines of JSON',
      description:
        'Each line holds `requests`, `heartbeat`, `missed` or `end`, and the cursor to go on from after a break. Ends when the token of the reader does, and when the server stops.',
      body: tailBody,
      answer: tailLine,
      type: 'application/x-ndjson',
      errors: [
        'requests_off',
        'field_unknown',
        'field_hidden',
        'field_hashed',
        'operator_not_applicable',
        'time_not_millis',
        'environment_unknown',
        'environment_none',
        'cursor_invalid',
        'cursor_mismatch',
        'too_many_tails',
        'stopping',
        'regex_invalid',
        'query_invalid',
        'too_many_queries',
        'query_timeout',
        'store_unavailable',
      ],
    },
    async (body, c) => {
      const query = checkConditions(body, askingOf(c.var.reader, environments));
      const bound: CursorQuery = { ...query, route: 'tail' };
      const start =
        body.cursor === undefined ? { version: store.position(), shownAt: now() } : readTailCursor(bound, body.cursor);
      const asked = askedBy(c);
      const tail = tails.open(c.var.reader);
      const wakeups = createWakeups(onApplied);
      const gone = () => tail.end('client');
      const close = () => {
        asked.client.removeEventListener('abort', gone);
        gone();
        wakeups.close();
        tail.close();
        recorder.gauge('aisix_tails', tails.count());
      };
      asked.client.addEventListener('abort', gone, { once: true });
      recorder.gauge('aisix_tails', tails.count());
      try {
        // What the store refuses (a regular expression) is refused now and not on a line of a stream.
        await run({ ...asked, name: 'tail', lane: 'light' }, (signal) =>
          store.changed({ ...query, afterVersion: store.position(), limit: 1 }, signal),
        );
      } catch (error) {
        close();
        throw error;
      }
      const lines = tailLines({
        query,
        start,
        cursorOf: (place) => tailCursor(bound, place),
        position: () => store.position(),
        changed: (changed) =>
          run({ name: 'tail', lane: 'light', reader: asked.reader, client: tail.signal }, (signal) =>
            store.changed(changed, signal),
          ),
        wakeups,
        limits,
        now,
        end: tail.signal,
        onFailure: (error) => log('warn', 'A live tail ended, because the store did not answer.', { error }),
      });
      // Proxies that collect an answer before they pass it on would make a tail silent.
      return c.body(lineStream(lines, close), 200, {
        'Content-Type': 'application/x-ndjson',
        'X-Accel-Buffering': 'no',
      });
    },
  );
}
