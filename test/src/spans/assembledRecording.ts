import { type Delivery, decodeTraces, decodeUsageEvents } from '@aisix-observability/collector-exporter';
import type { Feed, GatewayRequest } from '@aisix-observability/evidence';
import { silentRecorder } from '@aisix-observability/pipeline';
import { MemoryAssembly } from '../assemble/memoryAssembly.ts';
import {
  loadOtlp,
  loadTelemetry,
  RECORDED_DATA_PLANE,
  RECORDED_ENVIRONMENT,
  type RecordingName,
} from '../recordings/index.ts';

/** The requests of a recording as the assembler makes them of the named feeds. */
export function assembledRecording(name: RecordingName, feeds: readonly Feed[]): GatewayRequest[] {
  return recordedAssembly(name, feeds).finish();
}

/** An assembly that was given everything of a recording, but has not finished. */
export function recordedAssembly(name: RecordingName, feeds: readonly Feed[]): MemoryAssembly {
  const deliveries: Delivery[] = [];
  const context = (now: number) => ({ recorder: silentRecorder, now });
  if (feeds.includes('usage')) {
    for (const { receivedAt, body } of loadTelemetry(name)) {
      const { reports } = decodeUsageEvents(body.events, { input: 'telemetry', ...context(receivedAt) });
      deliveries.push({
        input: 'telemetry',
        environment: RECORDED_ENVIRONMENT,
        dataPlane: RECORDED_DATA_PLANE,
        receivedAt,
        reports,
      });
    }
  }
  if (feeds.includes('span')) {
    for (const { receivedAt, body } of loadOtlp(name)) {
      const { reports } = decodeTraces(body, { input: 'otlp', ...context(receivedAt) });
      deliveries.push({ input: 'otlp', environment: RECORDED_ENVIRONMENT, receivedAt, reports });
    }
  }
  const assembly = new MemoryAssembly();
  for (const delivery of deliveries.toSorted((a, b) => a.receivedAt - b.receivedAt)) assembly.add(delivery);
  return assembly;
}

/** Requests in batches of about as many as a destination is sent at once. */
export function inBatches<T>(items: readonly T[], size = 200): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
