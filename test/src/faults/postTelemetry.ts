import { encodeUsageEvent, type UsageEvent } from '../recordings/index.ts';
import { type FaultRig, TELEMETRY_TOKEN } from './faultRig.ts';

/** One batch to `/dp/telemetry` of the server that runs, tried once. */
export async function postTelemetry(rig: FaultRig, events: readonly UsageEvent[]): Promise<Response> {
  const { ingest } = await rig.server.ready;
  return fetch(`${ingest}/dp/telemetry`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${TELEMETRY_TOKEN}`,
      'x-aisix-environment': 'prod',
    },
    body: `{"events":[${events.map(encodeUsageEvent).join()}]}`,
  });
}
