import { OUTCOMES } from '@aisix-observability/evidence';
import { z } from '@hono/zod-openapi';

// Describes what the store writes; answers are passed on as they are and never checked against it at run time. That it
// holds is what a test over the recordings is for.

const millis = z.number().openapi({ description: 'milliseconds since 1970, with fractions' });
const text = z.string().optional();
const count = z.number().optional();
const outcome = z.enum(OUTCOMES);

const tokens = z
  .object({ input: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count })
  .optional();

const attempt = z
  .object({
    index: z.number().int(),
    kind: z.enum(['initial', 'retry', 'fallback', 'panel', 'judge']),
    model: text,
    modelId: text,
    providerKeyLabel: text,
    provider: text,
    status: count,
    outcome,
    errorClass: text,
    errorMessage: text,
    startTime: millis,
    endTime: millis,
    durationMs: z.number(),
    ttftMs: count,
    dispatched: z.boolean().openapi({ description: 'false when the gateway refused the target itself' }),
    finishReason: text,
    responseModel: text,
    responseId: text,
    tokens,
  })
  .openapi('Attempt');

export const gatewayRequest = z
  .object({
    requestId: z.string(),
    traceId: text,
    environment: z.string(),
    n: z.number().int().openapi({ description: '0 unless a caller used both ids again much later' }),
    dataPlane: text,
    state: z.enum(['open', 'final']),
    timing: z.enum(['measured', 'reconstructed']),
    startTime: millis,
    endTime: millis,
    durationMs: z.number(),
    status: count,
    outcome,
    requestedModel: text,
    servedModel: text,
    modelId: text,
    errorClass: text,
    errorMessage: text,
    usageEstimated: z.boolean().optional(),
    apiKeyId: text,
    apiKeyName: text,
    protocol: text,
    operation: text,
    stream: z.boolean().optional(),
    ttftMs: count,
    downstreamLatencyMs: count,
    tokens,
    costUsd: count,
    audioDurationSeconds: count,
    cache: z
      .object({
        status: z.string(),
        layer: text,
        similarity: count,
        savedInputTokens: count,
        savedOutputTokens: count,
      })
      .optional(),
    guardrail: z
      .object({
        blocked: z.boolean(),
        bypassedReason: text,
        applied: z.array(z.object({ kind: z.string(), hook: z.string() })).optional(),
        hits: z
          .array(
            z.object({
              name: z.string(),
              hook: z.string(),
              action: z.string(),
              mode: z.enum(['enforced', 'monitor']),
            }),
          )
          .optional(),
        redactedEntities: z.record(z.string(), z.number()).optional(),
      })
      .optional(),
    mcp: z.object({ server: text, tool: text }).optional(),
    a2a: z
      .object({
        agent: text,
        method: text,
        operation: text,
        protocolVersion: text,
        taskId: text,
        contextId: text,
        taskState: text,
        streamEventCount: count,
      })
      .optional(),
    passthroughRoute: text,
    authType: text,
    jwt: z.object({ subject: text, provider: text, claimMapping: text }).optional(),
    client: z.object({ address: text, userAgent: text, identity: text }).optional(),
    parent: z.object({ spanId: z.string(), traceState: text }).optional(),
    revision: z.number().int(),
    feeds: z.array(z.enum(['usage', 'span'])),
    exportedTraceIds: z.record(z.string(), z.string()).optional(),
    attempts: z.array(attempt),
    extra: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('GatewayRequest', {
    description: 'What a caller asked of the gateway. Absent means not known, never zero.',
  });
