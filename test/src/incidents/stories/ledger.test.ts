import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '@aisix-observability/audit-bridge';
import { configHistory, prepareEvidence, weighChange } from '@aisix-observability/evidence';
import { expect, it, onTestFinished } from 'vitest';
import { signedEvents, watched } from '../../../../audit-bridge/src/ledger/testing/story.ts';
import { RECORDED_DATA_PLANE, RECORDED_ENVIRONMENT, STORIES } from '../../recordings/index.ts';
import { expectedVerdict } from './expectedVerdict.ts';
import { loadStory, STORY_PARAMETERS } from './story.ts';

const HOUR = 3_600_000;

// As the server does it: changes and the history of the configuration come out of the ledger, not of the recording.
it.each(STORIES)('%s out of a ledger gives the same verdicts', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'aisix-story-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ledger = openLedger(join(folder, 'changes.db'));
  onTestFinished(() => ledger.close());
  await ledger.observe([...signedEvents(name), ...watched(name, RECORDED_DATA_PLANE)]);
  const story = loadStory(name);
  const { window } = story;
  const range = { from: window.from - HOUR, to: window.to };
  const { changes } = ledger.searchChanges({
    ...range,
    environments: [RECORDED_ENVIRONMENT],
    limit: 1_000,
    order: 'oldest',
  });
  const config = configHistory(ledger.configVersions(RECORDED_ENVIRONMENT, range.from, range.to));
  const evidence = prepareEvidence({ window, changes, config }, STORY_PARAMETERS);
  const said = story.changes.map((item) => {
    const { revision, resource, occurredAt } = item.change;
    const own = changes.find(
      (one) => one.revision === revision && one.resource.id === resource.id && one.occurredAt === occurredAt,
    );
    const verdict = own && weighChange(evidence, own, window.to).verdict;
    const isInnocent = expectedVerdict(story, item) === undefined && verdict !== undefined && verdict !== 'suspect';
    return [item.n, isInnocent ? undefined : verdict];
  });
  expect(said).toEqual(story.changes.map((item) => [item.n, expectedVerdict(story, item)]));
});
