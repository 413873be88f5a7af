import { setTimeout as delay } from 'node:timers/promises';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { startTraffic } from './traffic.ts';

export interface OutageOptions {
  readonly seed: number;
  readonly rate: number;
  readonly downMillis: number;
  readonly onProgress?: (progress: { readonly acknowledged: number; readonly backlogRows: number }) => void;
}

export interface OutageSummary {
  readonly acknowledgedRequests: number;
  /** When the backend came back. */
  readonly backlogRows: number;
  /** Milliseconds from the backend's return until everything was delivered. */
  readonly caughtUpWithin: number;
  readonly missing: readonly string[];
  readonly contradictions: readonly string[];
  /** Answers of the server other than 2xx, by status. */
  readonly refusals: ReadonlyMap<number, number>;
}

/** Traffic before, during and after an outage of the only backend. */
export async function runOutage(options: OutageOptions): Promise<OutageSummary> {
  const before = await startBackend();
  await using rig = createFaultRig({ destinations: [{ name: 'sink', endpoint: before.url }] });
  await rig.start();
  await using traffic = startTraffic({ seed: options.seed, rate: options.rate, ingest: rig.ingest });
  await delay(1_000);
  await before.close();
  const backlog = async () => (await rig.server.status()).path.destinations[0]?.backlogRows ?? 0;
  const downUntil = performance.now() + options.downMillis;
  while (performance.now() < downUntil) {
    await delay(Math.min(1_000, Math.max(0, downUntil - performance.now())));
    options.onProgress?.({ acknowledged: traffic.acked.requests, backlogRows: await backlog() });
  }
  const backlogRows = await backlog();
  const returnedAt = performance.now();
  await using after = await startBackend(before.port, before.book);
  await delay(500);
  await traffic.finish();
  await rig.settled({ timeoutMillis: 90_000 });
  return {
    acknowledgedRequests: traffic.acked.requests,
    backlogRows,
    caughtUpWithin: performance.now() - returnedAt,
    missing: traffic.acked.missingFrom(after.book),
    contradictions: after.book.contradictions,
    refusals: traffic.refusals,
  };
}
