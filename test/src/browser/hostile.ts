import { randomUUID } from 'node:crypto';
import { postSigned } from '../audit/signedDelivery.ts';
import { sendAsObjectStore } from '../gateway/senders.ts';
import type { StoryPreview } from '../preview/storyPreview.ts';
import { loadEvents, RECORDED_ENVIRONMENT, wholeSeconds } from '../recordings/index.ts';

/** Would say so on the page if it were run. */
export const HTML_NAME = '<img src="/ran" onerror="globalThis.ran=1"><b>bold</b>';
/** Turns the rest of a line around where nobody keeps it from doing so. */
export const RTL_NAME = 'مرحبا\u202Etxt.exe';
export const LONG_NAME = `long-${'x'.repeat(180)}-end`;

/** Nothing of a change may come to a Viewer; these stand for it and occur nowhere else. */
export const CANARY = {
  actor: 'canary-actor-5e1f',
  resource: `canary-resource-5e1f ${HTML_NAME}`,
  value: 'canary-value-5e1f',
} as const;

/** A request as the story has them, with other names, now. */
export async function sendRequest({ objectStore }: StoryPreview, requestedModel: string): Promise<string> {
  const [recorded] = loadEvents('story');
  if (recorded === undefined) throw new Error('The story has no events.');
  const requestId = randomUUID();
  const event = {
    ...recorded,
    request_id: requestId,
    trace_id: randomUUID().replaceAll('-', ''),
    occurred_at: wholeSeconds(Date.now()),
    requested_model: requestedModel,
  };
  const { acked } = await sendAsObjectStore([event], objectStore);
  if (!acked) throw new Error('The upload was refused.');
  return requestId;
}

/** A change by somebody with a name that occurs nowhere else. */
export async function sendChange({ webhookUrl }: StoryPreview): Promise<void> {
  const answer = await postSigned(webhookUrl, {
    schema_version: '1.0',
    id: `hostile-${randomUUID()}`,
    occurred_at: new Date().toISOString(),
    action: 'update',
    actor: { type: 'user', id: 'user-canary', name: CANARY.actor },
    resource: { type: 'model', id: randomUUID(), name: CANARY.resource },
    environment: { id: RECORDED_ENVIRONMENT },
    before: { model_name: 'before' },
    after: { model_name: CANARY.value },
    source: 'dashboard',
  });
  if (!answer.ok) throw new Error(`The change was refused: ${answer.status}.`);
}
