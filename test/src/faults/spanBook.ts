import { createHash } from 'node:crypto';
import type { SinkRequest } from '../fakes/otlpSink.ts';

interface WireAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string | number };
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly kind: number;
  readonly attributes?: readonly WireAttribute[];
}

interface WireDocument {
  readonly resourceSpans?: readonly {
    readonly resource?: unknown;
    readonly scopeSpans?: readonly { readonly scope?: unknown; readonly spans?: readonly WireSpan[] }[];
  }[];
}

const SERVER = 2;

/** What a backend was sent, kept so that losses and contradictions show. */
export class SpanBook {
  /** `<trace id>:<span id>` to revision to a hash of the content. */
  readonly #contents = new Map<string, Map<number, string>>();
  /** Request ids with a SERVER span. */
  readonly #requests = new Set<string>();
  /** `<request id>/<attempt index>`. */
  readonly #attempts = new Set<string>();
  /** Spans that came twice under one id and revision with different contents. */
  readonly contradictions: string[] = [];
  received = 0;
  /** Of those received, the ones that were known under this id and revision. */
  repeated = 0;

  readonly take = (request: SinkRequest): void => {
    const { resourceSpans = [] } = request.document as WireDocument;
    for (const { resource, scopeSpans = [] } of resourceSpans) {
      for (const { scope, spans = [] } of scopeSpans) {
        for (const span of spans) this.#takeSpan(span, JSON.stringify([resource, scope, span]));
      }
    }
  };

  /** Different spans. */
  get spans(): number {
    return this.#contents.size;
  }

  /** Different requests, by their SERVER span. */
  get requests(): number {
    return this.#requests.size;
  }

  /** Spans that came in more than one revision. */
  get corrected(): number {
    let count = 0;
    for (const revisions of this.#contents.values()) if (revisions.size > 1) count++;
    return count;
  }

  hasRequest(requestId: string): boolean {
    return this.#requests.has(requestId);
  }

  hasAttempt(requestId: string, index: number): boolean {
    return this.#attempts.has(`${requestId}/${index}`);
  }

  #takeSpan(span: WireSpan, text: string): void {
    this.received++;
    const attributes = new Map(span.attributes?.map(({ key, value }) => [key, value]));
    const requestId = attributes.get('aisix.request_id')?.stringValue ?? '';
    const index = attributes.get('aisix.attempt_index')?.intValue;
    const revision = Number(attributes.get('aisix.revision')?.intValue ?? Number.NaN);
    if (span.kind === SERVER) this.#requests.add(requestId);
    if (index !== undefined) this.#attempts.add(`${requestId}/${index}`);

    const id = `${span.traceId}:${span.spanId}`;
    const content = createHash('sha256').update(text).digest('base64url').slice(0, 16);
    const revisions = this.#contents.get(id);
    const known = revisions?.get(revision);
    if (revisions === undefined) this.#contents.set(id, new Map([[revision, content]]));
    else if (known === undefined) revisions.set(revision, content);
    else if (known === content) this.repeated++;
    else this.contradictions.push(`${id} of ${requestId}, revision ${revision}`);
  }
}
