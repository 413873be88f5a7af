import { expect, it } from 'vitest';
import { createGatewaySimulator } from '../gateway/simulator.ts';
import { loadClient } from '../recordings/load.ts';
import { LIVE_MODELS } from './liveModels.ts';

it('live models are about as fast as the recorded ones, so that no incident begins where the recording ends', () => {
  const simulator = createGatewaySimulator({ seed: 7, ratePerSecond: 5, now: () => 0, models: LIVE_MODELS });
  const live = Array.from({ length: 6_000 }, () => simulator.next().truth).filter(
    ({ outcome, attempts }) => outcome === 'success' && attempts.length === 1,
  );
  const recorded = loadClient('story').filter(({ status }) => status === 200);
  for (const name of ['gpt-4o', 'gpt-4o-mini', 'mistral-large', 'backup-small', 'smart']) {
    for (const isStreamed of [false, true]) {
      const usual = recorded
        .filter(({ model, stream }) => model === name && stream === isStreamed)
        .map(({ ms }) => ms)
        .sort((a, b) => a - b);
      const p90 = usual[Math.floor(usual.length * 0.9)] ?? Number.NaN;
      const own = live.filter(({ requestedModel, stream }) => requestedModel === name && stream === isStreamed);
      const slow = own.filter(({ start, end }) => end - start > p90).length / own.length;
      expect([name, isStreamed, own.length > 20, slow < 0.2]).toEqual([name, isStreamed, true, true]);
    }
  }
});
