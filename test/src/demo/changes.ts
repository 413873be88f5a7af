import { setTimeout as delay } from 'node:timers/promises';
import { postSigned } from '../audit/signedDelivery.ts';
import { auditEvent } from '../audit/storyEvents.ts';
import { loadChanges, RECORDED_ENVIRONMENT, type StoryName } from '../recordings/index.ts';
import type { GatewayConfig } from './gatewayConfig.ts';

export interface ChangesOptions {
  /** URL of the webhook. */
  readonly url: string;
  readonly signal: AbortSignal;
  readonly onRefused: () => void;
}

async function post(body: unknown, { url, signal, onRefused }: ChangesOptions): Promise<void> {
  const answer = await postSigned(url, body).catch(() => undefined);
  if (answer?.ok !== true && !signal.aborted) onRefused();
}

/**
 * Posts the changes of a recorded story as signed audit events, moved in time like its requests. With those that set the
 * gateway up: they tell what requests of the story touched.
 */
export async function replayChanges(story: StoryName, shiftMs: number, options: ChangesOptions): Promise<void> {
  await post(
    loadChanges(story).map((change) => auditEvent(change, story, shiftMs)),
    options,
  );
}

interface Planned {
  readonly kind: string;
  readonly name: string;
  /** `turn` counts from 1: what was changed is changed back the next time. */
  readonly change: (document: Readonly<Record<string, unknown>>, turn: number) => Readonly<Record<string, unknown>>;
  /** Who tells of it by an audit event; others are only seen on disk. */
  readonly actor?: string;
}

const PLAN: readonly Planned[] = [
  {
    kind: 'models',
    name: 'gpt-4o',
    change: (model, turn) => ({ ...model, timeout: 30_000 + 1_000 * turn }),
    actor: 'alice',
  },
  {
    kind: 'rate_limit_policies',
    name: 'batch-limit',
    change: (policy, turn) => ({ ...policy, max_requests: turn % 2 === 0 ? 100_000 : 60 }),
  },
  {
    kind: 'provider_keys',
    name: 'openai-prod',
    change: (key, turn) => ({ ...key, secret: turn % 2 === 0 ? 'sk-good-A' : 'sk-rotated-wrong' }),
    actor: 'bob',
  },
  { kind: 'guardrails', name: 'no-secrets', change: (guardrail, turn) => ({ ...guardrail, enabled: turn % 2 === 0 }) },
];

const FIRST_MILLIS = 4_000;
const EVERY_MILLIS = 15_000;

/** Changes the configuration now and then: each is written to the cache file, every other one is posted, too. */
export async function makeChanges(config: GatewayConfig, now: () => number, options: ChangesOptions): Promise<void> {
  const wait = (millis: number) => delay(millis, undefined, { signal: options.signal }).catch(() => undefined);
  await wait(FIRST_MILLIS);
  for (let index = 0; !options.signal.aborted; index += 1) {
    const planned = PLAN[index % PLAN.length];
    const turn = Math.floor(index / PLAN.length) + 1;
    const updated = planned && config.update(planned.kind, planned.name, (document) => planned.change(document, turn));
    if (planned?.actor !== undefined && updated !== undefined) {
      const { kind, id, before, after, revision } = updated;
      await post(
        {
          schema_version: '1.0',
          id: `live-${revision}`,
          occurred_at: new Date(now()).toISOString(),
          action: 'update',
          actor: { type: 'user', id: `user-${planned.actor}`, name: planned.actor },
          resource: { type: kind, id, name: planned.name },
          environment: { id: RECORDED_ENVIRONMENT },
          before,
          after,
          source: 'dashboard',
          config_revision: revision,
        },
        options,
      );
    }
    await wait(EVERY_MILLIS);
  }
}
