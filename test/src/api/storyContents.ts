import { type Delivery, decodeTraces, decodeUsageEvents } from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { createMemoryStore, emptyContents, type MemoryContents } from '@aisix-observability/evidence/testing';
import { silentRecorder } from '@aisix-observability/pipeline';
import { MemoryAssembly } from '../assemble/memoryAssembly.ts';
import {
  loadMeta,
  loadOtlp,
  loadTelemetry,
  RECORDED_DATA_PLANE,
  RECORDED_ENVIRONMENT,
  type StoryName,
} from '../recordings/index.ts';
import { hash } from './apiRig.ts';

/** Final requests of a recorded story from both feeds. */
export function storyRequests(name: StoryName): GatewayRequest[] {
  const usage = loadTelemetry(name).map(({ receivedAt, body }): Delivery => {
    const { reports } = decodeUsageEvents(body.events, {
      input: 'telemetry',
      recorder: silentRecorder,
      now: receivedAt,
    });
    const from = { environment: RECORDED_ENVIRONMENT, dataPlane: RECORDED_DATA_PLANE };
    return { input: 'telemetry', ...from, receivedAt, reports };
  });
  const spans = loadOtlp(name).map(({ receivedAt, body }): Delivery => {
    const { reports } = decodeTraces(body, { input: 'otlp', recorder: silentRecorder, now: receivedAt });
    return { input: 'otlp', environment: RECORDED_ENVIRONMENT, receivedAt, reports };
  });
  const assembly = new MemoryAssembly();
  for (const delivery of [...usage, ...spans].toSorted((a, b) => a.receivedAt - b.receivedAt)) assembly.add(delivery);
  return assembly.finish();
}

/** A recorded story in a memory store, with the names of its caller keys as the catalogue knows them. */
export async function storyContents(name: StoryName): Promise<MemoryContents> {
  const contents = emptyContents();
  const store = createMemoryStore({ hash, contents });
  const requests = storyRequests(name);
  await store.apply(
    requests.map((request, index) => ({ seq: index + 1, json: JSON.stringify(request) })),
    requests.length,
  );
  await store.setNames(
    Object.entries(loadMeta(name).ids).flatMap(([path, id]) => {
      const [kind, resource = ''] = path.split('/');
      if (kind !== 'api_keys' && kind !== 'models') return [];
      const of = kind === 'api_keys' ? ('api_key' as const) : ('model' as const);
      return [{ environment: RECORDED_ENVIRONMENT, kind: of, id, name: resource }];
    }),
  );
  return contents;
}
