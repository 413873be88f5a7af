import { startAuditServer } from '../../audit/auditServer.ts';
import { writeCacheFile } from '../../audit/cacheFile.ts';
import { postSigned } from '../../audit/signedDelivery.ts';
import { cacheVersions } from '../../audit/storyEvents.ts';
import { waitFor } from '../../faults/waiting.ts';
import { RECORDED_ENVIRONMENT } from '../../recordings/index.ts';
import { report } from '../result.ts';

/** Of each kind; the recorded evening has a few more versions. */
const ROUNDS = 12;
const GOAL_MILLIS = 2_000;
/** Further apart than the changes of one burst, so that each gets a marker of its own. */
const APART_MILLIS = 60_000;

/** How long after a change of the file, or an event, its marker stands in the (fake) Grafana of a whole server. */
export async function measureMarkers(): Promise<void> {
  await using rig = await startAuditServer();
  const texts = cacheVersions('story')
    .map(({ text }) => text)
    .filter((text, index, all) => text !== all[index - 1]);
  writeCacheFile(rig.cacheFile, texts[0] ?? '');
  await waitFor('the first look', async () =>
    (await rig.server.status()).audit?.feeds.some(({ name, state }) => name === 'cache' && state === 'ok'),
  );
  /** Everything that is drawn, written down: a burst that grows is drawn, too. */
  const drawn = () => JSON.stringify([...rig.grafana.annotations.values()]);
  const millisOf = async (act: () => unknown): Promise<number> => {
    const before = drawn();
    const start = performance.now();
    await act();
    await waitFor('the marker', () => drawn() !== before, { everyMillis: 2 });
    return performance.now() - start;
  };
  const file: number[] = [];
  const webhook: number[] = [];
  for (const [n, text] of texts.slice(1, 1 + ROUNDS).entries()) {
    file.push(await millisOf(() => writeCacheFile(rig.cacheFile, text)));
    const event = {
      schema_version: '1.0',
      id: `bench-${n}`,
      occurred_at: new Date(Date.now() - (n + 2) * APART_MILLIS).toISOString(),
      action: 'update',
      resource: { type: 'model', id: `bench-${n}` },
      environment: { id: RECORDED_ENVIRONMENT },
    };
    webhook.push(await millisOf(() => postSigned(`${rig.addresses.ingest}/audit/cloud`, event)));
  }
  for (const [what, millis] of Object.entries({ 'a change of the cache file': file, 'a signed event': webhook })) {
    const sorted = millis.toSorted((a, b) => a - b);
    const [median = 0, most = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
    report({
      what: `marker in Grafana after ${what}, median and longest of ${sorted.length}`,
      measured: `${median.toFixed(0)} and ${most.toFixed(0)} ms`,
      goal: '≤ 2 s',
      met: most <= GOAL_MILLIS,
    });
  }
}
