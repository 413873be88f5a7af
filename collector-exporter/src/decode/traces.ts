import type { SpanReport } from '../report.ts';
import type { DecodeContext, TracesDecoded } from './context.ts';
import { isObject } from './fields.ts';
import { spanReportOf } from './gatewaySpan.ts';
import { FAULTS, type Fault } from './identity.ts';
import { MAX_SPANS } from './limits.ts';
import { jsonOf, RefusalList } from './refusalList.ts';
import { Tally } from './tally.ts';
import { quotedName } from './text.ts';

/** The instrumentation scope under which the gateway's `otlp_http` exporter writes. */
export const GATEWAY_SCOPE = 'aisix-obs.otlp_http_sink';

/**
 * Decodes an OTLP `ExportTraceServiceRequest` in JSON form, already parsed. Only spans of the gateway's own scope are
 * taken; the spans of every other scope are refused together, by the scope's name. `Refusal.index` is the position
 * of the (first) span, counted over the whole request from 0. Never throws.
 */
export function decodeTraces(request: unknown, ctx: DecodeContext): TracesDecoded {
  const collector = new SpanCollector(ctx);
  if (!isRequest(request)) return { ...collector.result(), unreadable: NOT_A_REQUEST };
  for (const resource of listOf(request.resourceSpans)) {
    for (const scoped of listOf(isObject(resource) ? resource.scopeSpans : undefined)) {
      if (!isObject(scoped)) continue;
      const spans = listOf(scoped.spans);
      const scope = isObject(scoped.scope) && typeof scoped.scope.name === 'string' ? scoped.scope.name : '';
      if (scope === GATEWAY_SCOPE) for (const span of spans) collector.add(span);
      else collector.refuseScope(scope, spans.length);
    }
  }
  return collector.result();
}

const NOT_A_REQUEST = {
  code: 'not_a_batch',
  message: 'expected an OTLP ExportTraceServiceRequest: an object with a list of resourceSpans',
} as const satisfies Fault;

/** An empty request is `{}` or an empty list. */
function isRequest(value: unknown): value is { readonly resourceSpans?: unknown } {
  return isObject(value) && (value.resourceSpans === undefined || Array.isArray(value.resourceSpans));
}

/** Takes spans one by one, so that both encodings share all rules and neither needs the whole request in memory. */
export class SpanCollector {
  readonly #ctx: DecodeContext;
  readonly #tally = new Tally();
  readonly #refused: RefusalList;
  readonly #reports: SpanReport[] = [];
  #index = 0;

  constructor(ctx: DecodeContext) {
    this.#ctx = ctx;
    this.#refused = new RefusalList(ctx, this.#tally);
  }

  /** Whether another span would be looked at. */
  get isFull(): boolean {
    return this.#index >= MAX_SPANS;
  }

  /** One span in OTLP JSON form. */
  add(span: unknown): void {
    const decoded = this.isFull ? FAULTS.tooManySpans : spanReportOf(span, this.#ctx.now, this.#tally);
    if ('feed' in decoded) {
      this.#reports.push(decoded);
      this.#index += 1;
    } else this.refuse(decoded, () => jsonOf(span));
  }

  refuse(fault: Fault, bytes: () => Uint8Array | string | undefined): void {
    this.#refused.add(this.#index, fault, bytes);
    this.#index += 1;
  }

  /** All spans of a scope that is not the gateway's. */
  refuseScope(name: string, spans: number): void {
    if (spans === 0) return;
    const fault: Fault = {
      code: 'foreign_scope',
      message: `scope "${quotedName(name)}": only spans of ${GATEWAY_SCOPE} are taken; ${spans} refused`,
    };
    this.#refused.add(this.#index, fault, () => undefined, spans);
    this.#index += spans;
  }

  result(): TracesDecoded {
    this.#tally.report(this.#ctx.recorder, this.#ctx.input);
    return { reports: this.#reports, refused: this.#refused.listed, rejectedSpans: this.#refused.count };
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
