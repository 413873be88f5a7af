import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { usageEvent } from '../../gateway/index.ts';
import { encodeUsageEvent } from '../../recordings/index.ts';
import { BENCH_TOKEN } from '../benchServer.ts';
import { report } from '../result.ts';
import type { QueryServer } from './api.ts';
import { quantile } from './ask.ts';

const TIMES = 20;
/** Differs from every other interval of the server, so that the looks fall everywhere between its steps. */
const BETWEEN_MILLIS = 137;
const GOAL_MILLIS = 2_000;

/** From the acknowledgement of an event to its request being found by its id. */
export async function measureVisible(server: QueryServer, label: string): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < TIMES; run += 1) {
    await sleep(BETWEEN_MILLIS);
    const requestId = randomUUID();
    const event = usageEvent({
      request_id: requestId,
      trace_id: randomBytes(16).toString('hex'),
      attempt_index: 0,
      status_code: 200,
      requested_model: 'model-00',
      occurred_at: new Date().toISOString(),
    });
    const answer = await fetch(`${server.ingestUrl}/dp/telemetry`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${BENCH_TOKEN}`,
        'x-aisix-environment': 'prod',
      },
      body: `{"events":[${encodeUsageEvent(event)}]}`,
    });
    if (!answer.ok) throw new Error(`an event was refused with ${answer.status}`);
    const acknowledged = performance.now();
    while (!(await server.ask('/requests/get', { environment: 'prod', requestId })).includes(requestId)) await sleep(5);
    times.push(performance.now() - acknowledged);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const most = quantile(sorted, 1);
  report({
    what: `from the ack to the answer of /requests/get${label}`,
    measured: `p50 ${quantile(sorted, 0.5).toFixed(0)} max ${most.toFixed(0)} ms`,
    goal: `≤ ${GOAL_MILLIS} ms`,
    met: most <= GOAL_MILLIS,
  });
}
