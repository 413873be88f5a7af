import type { SinkRequest } from '../fakes/otlpSink.ts';

/** One span as it came over the wire in OTLP/JSON, with what stood around it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
}

interface WireAttribute {
  readonly key: string;
  readonly value: WireValue;
}

interface WireSpan extends Omit<CollectedSpan, 'attributes' | 'resource'> {
  readonly attributes?: readonly WireAttribute[];
}

interface WireDocument {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly WireAttribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
}

/** The backend of a test: of each span the version with the highest revision, as a backend that replaces would show it. */
export class CollectedSpans {
  readonly #byId = new Map<string, CollectedSpan>();
  /** Spans received, repeated ones too. */
  received = 0;

  readonly take = (request: SinkRequest): void => {
    const { resourceSpans = [] } = request.document as WireDocument;
    for (const { resource, scopeSpans = [] } of resourceSpans) {
      const around = fields(resource?.attributes);
      for (const { spans = [] } of scopeSpans) {
        for (const span of spans) this.#takeSpan({ ...span, attributes: fields(span.attributes), resource: around });
      }
    }
  };

  #takeSpan(span: CollectedSpan): void {
    this.received++;
    const id = `${span.traceId}/${span.spanId}`;
    const held = this.#byId.get(id);
    if (held === undefined || revisionOf(span) >= revisionOf(held)) this.#byId.set(id, span);
  }

  get all(): readonly CollectedSpan[] {
    return [...this.#byId.values()];
  }

  /** SERVER spans, one a request. */
  get requests(): readonly CollectedSpan[] {
    return this.all.filter(({ kind }) => kind === 2);
  }

  get attempts(): readonly CollectedSpan[] {
    return this.all.filter(({ attributes }) => attributes['aisix.attempt_index'] !== undefined);
  }

  /** A comparable text of everything but the named attributes of resources and spans. */
  canonical(without: readonly string[] = []): string[] {
    const kept = (named: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(named).filter(([key]) => !without.includes(key)));
    return this.all
      .map((span) =>
        JSON.stringify({ ...span, resource: kept(span.resource), attributes: kept(span.attributes) }, sortKeys),
      )
      .sort();
  }
}

const revisionOf = ({ attributes }: CollectedSpan) => Number(attributes['aisix.revision'] ?? 0);

function fields(attributes: readonly WireAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: WireValue): unknown {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}

function sortKeys(_: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
