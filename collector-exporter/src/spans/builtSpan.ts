import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  TraceFlags,
  type TraceState,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { hrDuration, type Interval, toHrTime } from './times.ts';

/** What all spans of one request share. */
export interface SpanTree {
  readonly traceId: string;
  readonly traceState: TraceState | undefined;
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
}

export interface SpanParts {
  readonly kind: SpanKind;
  readonly name: string;
  readonly spanId: string;
  readonly parent: SpanContext | undefined;
  readonly interval: Interval;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links?: Link[];
}

/** Shared by all spans that have none; nobody writes to them. */
const NO_EVENTS: TimedEvent[] = [];
const NO_LINKS: Link[] = [];

/** A span that was built of facts instead of being timed by a Tracer: what OpenTelemetry's serialisers read. */
export class BuiltSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly ended = true;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: TimedEvent[] = NO_EVENTS;
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;

  constructor(tree: SpanTree, parts: SpanParts) {
    this.name = parts.name;
    this.kind = parts.kind;
    const { traceId, traceState } = tree;
    const { spanId } = parts;
    this.context =
      traceState === undefined
        ? { traceId, spanId, traceFlags: TraceFlags.SAMPLED }
        : { traceId, spanId, traceFlags: TraceFlags.SAMPLED, traceState };
    if (parts.parent !== undefined) this.parentSpanContext = parts.parent;
    this.startTime = toHrTime(parts.interval[0]);
    this.endTime = toHrTime(parts.interval[1]);
    this.duration = hrDuration(this.startTime, this.endTime);
    this.status = parts.status;
    this.attributes = parts.attributes;
    this.links = parts.links ?? NO_LINKS;
    this.resource = tree.resource;
    this.instrumentationScope = tree.scope;
  }

  spanContext(): SpanContext {
    return this.context;
  }
}
