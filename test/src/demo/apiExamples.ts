import { API_LIMITS } from '@aisix-observability/server';

/** Good for nothing but the demo: its server listens on this machine only, and everybody on it may watch. */
export const DEMO_TOKEN = 'demo';

const HOUR = 3_600_000;

/**
 * Where the query API is, and five questions to copy into another terminal.
 *
 * @param configFile for commands beside the demo's server
 * @param now Epoch milliseconds; the questions hold for the hour before and the day after, the last for five hours.
 */
export function apiExamples(apiUrl: string, configFile: string, now: number): string {
  const range = { from: Math.floor(now) - HOUR, to: Math.floor(now) + 24 * HOUR };
  const curl = (path: string, body: object) =>
    `curl -s ${apiUrl}${path} -H 'authorization: Bearer ${DEMO_TOKEN}' -H 'content-type: application/json' -d '${JSON.stringify({ ...range, ...body })}'`;
  const failed = { filters: [{ field: 'outcome', op: 'neq', value: 'success' }], limit: 3 };
  return [
    `The query API is at ${apiUrl}. In another terminal:`,
    '',
    '# the newest failures, with every attempt',
    curl('/requests/search', failed),
    '# requests a minute, by outcome',
    curl('/requests/volume', { intervalMs: 60_000, groupBy: ['outcome'] }),
    '# errors and latency, by the model that was asked for',
    curl('/requests/metrics', { measures: ['error_ratio', 'p95'], groupBy: ['requestedModel'] }),
    '# times of trouble, each with what may have caused it, best first',
    curl('/investigations/incident', { to: range.from + API_LIMITS.incidentRangeMillis.value }),
    '# why one request ended as it did: a `requestId` of the first answer',
    `npx -y -p node@24 -p pnpm@12 pnpm investigate --config ${configFile} <request id>`,
    '',
  ].join('\n');
}
