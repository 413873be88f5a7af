import { createHash } from 'node:crypto';
import type { SinkRequest } from './otlpSink.ts';

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
}

interface JsonRequest {
  readonly resourceSpans?: readonly { readonly scopeSpans?: readonly { readonly spans?: readonly JsonSpan[] }[] }[];
}

/** What came of one span id: how often, and in how many different shapes. */
export interface SpanRecord {
  times: number;
  readonly contents: Set<string>;
}

/** Keeps, of every span in accepted http/json requests, the id, how often it came and a hash of each content. */
export function createSpanLedger() {
  const spans = new Map<string, SpanRecord>();
  return {
    /** By `<trace id>:<span id>`. */
    spans: spans as ReadonlyMap<string, SpanRecord>,
    onAccepted(request: SinkRequest): void {
      const { resourceSpans = [] } = (request.document ?? {}) as JsonRequest;
      for (const { scopeSpans = [] } of resourceSpans) {
        for (const { spans: some = [] } of scopeSpans) for (const span of some) note(span);
      }
    },
  };

  function note(span: JsonSpan): void {
    const id = `${span.traceId}:${span.spanId}`;
    const hash = createHash('sha256').update(JSON.stringify(span)).digest('base64url').slice(0, 16);
    const known = spans.get(id);
    if (known === undefined) {
      spans.set(id, { times: 1, contents: new Set([hash]) });
    } else {
      known.times += 1;
      known.contents.add(hash);
    }
  }
}
