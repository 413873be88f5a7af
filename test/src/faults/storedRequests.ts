import type { GatewayRequest } from '@aisix-observability/evidence';
import type { FaultRig } from './faultRig.ts';

const HOUR = 3_600_000;

/** Everything that the API has of the last hour, page by page. */
export async function storedRequests(rig: FaultRig): Promise<readonly GatewayRequest[]> {
  const range = { from: Date.now() - HOUR, to: Date.now() + HOUR };
  const found: GatewayRequest[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await rig.ask<{ requests: GatewayRequest[]; nextCursor?: string }>('/requests/search', {
      ...range,
      limit: 1000,
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.requests);
    cursor = page.nextCursor;
    if (cursor === undefined) return found;
  }
}

/** How many requests of the last hour the API counts. */
export async function countedRequests(rig: FaultRig): Promise<number> {
  const range = { from: Date.now() - HOUR, to: Date.now() + HOUR };
  const { series } = await rig.ask<{ series: { values: (number | null)[] }[] }>('/requests/volume', {
    ...range,
    intervalMs: HOUR,
  });
  return series.flatMap(({ values }) => values).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
