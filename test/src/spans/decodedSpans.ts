import type { Decoded } from './strictOtlp.ts';

/** One span as a backend would see it. */
export interface BackendSpan {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly flags: number;
}

/** All spans of a decoded request, with their attributes as plain values. */
export function backendSpans(request: Decoded): BackendSpan[] {
  return list(request.resourceSpans).flatMap((group) =>
    list(group.scopeSpans).flatMap((scoped) =>
      list(scoped.spans).map((span) => ({
        resource: plain(list((group.resource as Decoded | undefined)?.attributes)),
        scope: String((scoped.scope as Decoded | undefined)?.name),
        traceId: String(span.traceId),
        spanId: String(span.spanId),
        ...(span.parentSpanId !== undefined && { parentSpanId: String(span.parentSpanId) }),
        ...(span.traceState !== undefined && { traceState: String(span.traceState) }),
        name: String(span.name),
        kind: Number(span.kind),
        start: BigInt(String(span.startTimeUnixNano ?? 0)),
        end: BigInt(String(span.endTimeUnixNano ?? 0)),
        status: (span.status ?? {}) as BackendSpan['status'],
        attributes: plain(list(span.attributes)),
        links: list(span.links) as unknown as BackendSpan['links'],
        flags: Number(span.flags),
      })),
    ),
  );
}

function list(value: unknown): Decoded[] {
  return (value ?? []) as Decoded[];
}

function plain(attributes: readonly Decoded[]): Record<string, unknown> {
  const entries = attributes.map(({ key, value }) => [String(key), anyValue(value as Decoded)] as const);
  const names = new Set(entries.map(([name]) => name));
  if (names.size !== entries.length) throw new Error('an attribute stands twice on one span');
  return Object.fromEntries(entries);
}

function anyValue(value: Decoded): unknown {
  const [kind, held] = Object.entries(value)[0] ?? [];
  if (kind === undefined) throw new Error('an attribute without a value');
  if (kind === 'arrayValue') return list((held as Decoded).values).map(anyValue);
  return kind === 'intValue' ? Number(held) : held;
}
