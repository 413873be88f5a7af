import type { ConfigChange } from '@aisix-observability/evidence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../faults/waiting.ts';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import {
  AUDITOR,
  type AuditServer,
  NARROW_AUDITOR,
  OTHER_ENVIRONMENT,
  startAuditServer,
  VIEWER,
} from './auditServer.ts';
import { postSigned } from './signedDelivery.ts';

const TIMEOUT = 120_000;
const NAME = 'the-name-of-a-model';
const ACTOR = 'alice-of-the-tests';

let rig: AuditServer;
const range = { from: Date.now() - 3_600_000, to: Date.now() + 3_600_000 };

const event = (id: string, environment: string | null, at: number) => ({
  schema_version: '1.0',
  id,
  occurred_at: new Date(at).toISOString(),
  action: 'update',
  actor: { type: 'user', id: ACTOR, name: ACTOR },
  resource: { type: 'model', id: `model-${id}`, name: NAME },
  environment: environment === null ? null : { id: environment },
  before: { display_name: NAME, timeout: 1000 },
  after: { display_name: NAME, timeout: 2000 },
});

beforeAll(async () => {
  rig = await startAuditServer();
  const now = Date.now();
  const response = await postSigned(`${rig.addresses.ingest}/audit/cloud`, [
    event('in-prod', RECORDED_ENVIRONMENT, now - 600_000),
    event('in-staging', OTHER_ENVIRONMENT, now - 400_000),
    event('everywhere', null, now - 200_000),
  ]);
  expect(response.status).toBe(202);
  await waitFor('three markers', async () => (await search('/markers/search', VIEWER)).markers.length === 3);
}, TIMEOUT);
afterAll(() => rig[Symbol.asyncDispose](), TIMEOUT);

interface Answer {
  readonly changes: readonly ConfigChange[];
  readonly markers: readonly { readonly environment?: string; readonly kind: string; readonly count: number }[];
  readonly nextCursor?: string;
  readonly error?: { readonly code: string };
}

async function search(path: string, token: string, body: object = {}): Promise<Answer> {
  const response = await rig.ask(path, { ...range, ...body }, token);
  return (await response.json()) as Answer;
}

const idsOf = ({ changes }: Answer) => changes.map(({ resource }) => resource.id);

describe('who may see what', () => {
  it('viewers see markers without names, actors and values, and no changes', async () => {
    const answer = await search('/markers/search', VIEWER);
    expect(answer.markers.map(({ kind, count }) => [kind, count])).toEqual([
      ['model', 1],
      ['model', 1],
      ['model', 1],
    ]);
    expect(JSON.stringify(answer)).not.toMatch(new RegExp(`${NAME}|${ACTOR}|timeout|2000`));
    for (const [path, method] of [
      ['/changes/search', 'POST'],
      ['/changes/get', 'POST'],
      ['/changes/verdict', 'PUT'],
    ] as const) {
      expect((await rig.ask(path, { ...range, id: 'x', value: null }, VIEWER, method)).status).toBe(403);
    }
  });

  it('audit readers see changes with actor and paths, page by page', async () => {
    const all = await search('/changes/search', AUDITOR);
    expect(idsOf(all)).toEqual(['model-everywhere', 'model-in-staging', 'model-in-prod']);
    expect(all.changes[0]).toMatchObject({
      actor: { name: ACTOR },
      environment: null,
      paths: [{ path: '/timeout', before: 1000, after: 2000, secret: false }],
    });
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page: Answer = await search('/changes/search', AUDITOR, {
        limit: 1,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...idsOf(page));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(idsOf(all));
  });

  it('what concerns the whole organization is for readers of every environment only', async () => {
    expect(idsOf(await search('/changes/search', NARROW_AUDITOR))).toEqual(['model-in-staging']);
    expect((await search('/markers/search', NARROW_AUDITOR)).markers.map(({ environment }) => environment)).toEqual([
      OTHER_ENVIRONMENT,
    ]);
    expect(idsOf(await search('/changes/search', AUDITOR, { environment: 'prod' }))).toEqual([
      'model-everywhere',
      'model-in-prod',
    ]);
    for (const { id, environment } of (await search('/changes/search', AUDITOR)).changes) {
      const { status } = await rig.ask('/changes/get', { id }, NARROW_AUDITOR);
      expect(status).toBe(environment === OTHER_ENVIRONMENT ? 200 : 404);
    }
    expect((await rig.ask('/changes/search', { ...range, environment: 'prod' }, NARROW_AUDITOR)).status).toBe(403);
  });

  it('markers come page by page', async () => {
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page: Answer = await search('/markers/search', VIEWER, {
        limit: 1,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.markers);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual((await search('/markers/search', VIEWER)).markers);
  });

  it('a destination with a list of environments gets no change of others, nor of the organization', async () => {
    const { changes } = await search('/changes/search', AUDITOR);
    const told = (path: string) =>
      rig.received
        .filter((request) => request.path === path)
        .map(({ body }) => body.toString())
        .join('');
    await waitFor('all log events', () => changes.every(({ id }) => told('/v1/logs').includes(id)));
    await waitFor('the one of staging', () => told('/narrow/v1/logs').includes('model-in-staging'));
    expect(told('/narrow/v1/logs')).not.toMatch(/in-prod|everywhere/);
  });

  it('a verdict is kept with who gave it, and can be looked for and taken back', async () => {
    const [change] = (await search('/changes/search', AUDITOR)).changes;
    const put = async (body: object, token = AUDITOR) => rig.ask('/changes/verdict', body, token, 'PUT');
    const id = change?.id;
    const given = (await (await put({ id, value: 'confirmed', note: 'it was this one' })).json()) as ConfigChange;
    expect(given.verdict?.human).toMatchObject({ value: 'confirmed', by: 'auditor', note: 'it was this one' });
    const filters = [{ field: 'verdict', op: 'eq', value: 'confirmed' }];
    expect(idsOf(await search('/changes/search', AUDITOR, { filters }))).toEqual(['model-everywhere']);
    expect((await put({ id, value: 'cleared' }, NARROW_AUDITOR)).status).toBe(404);
    expect(((await (await put({ id, value: null })).json()) as ConfigChange).verdict?.human).toBeUndefined();
  });

  it.each([
    [{ filters: [{ field: 'knid', op: 'eq', value: 'model' }] }, 'field_unknown'],
    [{ filters: [{ field: 'kind', op: 'in', value: 'model' }] }, 'query_invalid'],
    [{ filters: [{ field: 'kind', op: 'regex', value: 'm' }] }, 'value_invalid'],
    [{ cursor: 'bm90IG9uZQ' }, 'cursor_invalid'],
    [{ limit: 100_000 }, 'limit_exceeded'],
    [{ from: range.to, to: range.from }, 'range_reversed'],
    [{ surprise: 1 }, 'key_unknown'],
  ])('%j is refused as %s', async (body, code) => {
    expect((await search('/changes/search', AUDITOR, body)).error?.code).toBe(code);
  });
});
