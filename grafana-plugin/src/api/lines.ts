import type { FetchResponse } from '@grafana/runtime';
import { Observable } from 'rxjs';
import { failureOf } from './failure';
import { QueryFailure } from './queryFailure';

/** Longest line that is put together; 200 requests are less than a tenth of it. */
const MAX_LINE = 16 * 1024 * 1024;

type Chunk = FetchResponse<Uint8Array | undefined>;

/**
 * The JSON objects of a stream that has one on each line. Grafana's `chunked()` does not fail on a refusal, but sends
 * its body like any other; here it becomes the failure that it is.
 */
export function linesOf(chunks: Observable<Chunk>): Observable<unknown> {
  return new Observable((subscriber) => {
    const decoder = new TextDecoder();
    let rest = '';
    let refused: Pick<Chunk, 'status' | 'statusText'> | undefined;
    const push = (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') subscriber.next(JSON.parse(line));
      if (rest.length > MAX_LINE) throw new QueryFailure('The live tail sent a line without end.');
    };
    return chunks.subscribe({
      next: ({ ok, status, statusText, data }) => {
        const text = data === undefined ? '' : decoder.decode(data, { stream: true });
        if (!ok) {
          refused = { status, statusText };
          rest = (rest + text).slice(0, MAX_LINE);
          return;
        }
        try {
          push(text);
        } catch (error) {
          subscriber.error(
            error instanceof QueryFailure ? error : new QueryFailure('The live tail sent something that is no JSON.'),
          );
        }
      },
      error: (error: unknown) => subscriber.error(failureOf(error)),
      complete: () => {
        if (refused === undefined) subscriber.complete();
        else subscriber.error(failureOf({ ...refused, data: parsed(rest) }));
      },
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
