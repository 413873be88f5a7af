import { afterEach, beforeEach, expect, it } from 'vitest';
import { FAKE_TOKEN, type FakeGrafana, startFakeGrafana } from './grafanaAnnotations.ts';

// What was seen on a running Grafana 12.4: the traps that the bridge has to survive.
let grafana: FakeGrafana;
beforeEach(async () => {
  grafana = await startFakeGrafana();
});
afterEach(() => grafana.close());

const call = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(`${grafana.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${FAKE_TOKEN}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const T = 1_767_268_800_123;
const post = (over: object) => call('POST', '/api/annotations', { time: T, text: 'x', tags: ['a'], ...over });
const only = () => [...grafana.annotations.values()][0];

it('cuts tags at their second colon, trims and drops repeats', async () => {
  await post({ tags: ['model:openai:gpt-4o', ' a ', 'a'] });
  expect(only()?.tags).toEqual(['model:openai', 'a']);
});
it('takes seconds silently, and nothing for now', async () => {
  await post({ time: Math.floor(T / 1_000) });
  expect(only()?.time).toBe(Math.floor(T / 1_000));
  await post({ time: 0 });
  expect([...grafana.annotations.values()][1]?.time).toBeGreaterThan(T);
});
it('knows no idempotency', async () => {
  await post({});
  await post({});
  expect(grafana.annotations.size).toBe(2);
});
it('swaps reversed times, and makes a region of a point whose time alone is moved', async () => {
  await post({ timeEnd: T - 5 });
  expect(only()).toMatchObject({ time: T - 5, timeEnd: T });
  await call('PATCH', '/api/annotations/1', { time: T + 9 });
  expect(only()).toMatchObject({ time: T, timeEnd: T + 9 });
});
it('refuses an empty text, and too many characters of tags', async () => {
  expect(await post({ text: '' })).toEqual({ status: 400, body: { message: 'Failed to save annotation' } });
  expect(await post({ tags: ['y'.repeat(497)] })).toMatchObject({
    status: 400,
    body: { messageId: 'annotations.tag-limit-exceeded' },
  });
  expect((await post({ tags: ['y'.repeat(496)] })).status).toBe(200);
});
it('deletes everything for the id 0', async () => {
  await post({});
  await post({});
  await call('DELETE', '/api/annotations/0');
  expect(grafana.annotations.size).toBe(0);
});
it('finds 100 unless told, newest end first, all tags asked, each once', async () => {
  for (let index = 0; index < 120; index += 1) grafana.seed({ time: T + index, text: 'x', tags: ['a', 'b:c'] });
  const body = (await call('GET', '/api/annotations?tags=a&tags=b')).body as { time: number }[];
  expect(body).toHaveLength(100);
  expect(body[0]?.time).toBe(T + 119);
  expect((await call('GET', '/api/annotations?tags=a&tags=a')).body).toEqual([]);
  expect((await call('GET', '/api/annotations?tags=a&tags=z&matchAny=true&limit=3')).body).toHaveLength(3);
  expect((await call('GET', `/api/annotations?from=1&to=${T}`)).body).toHaveLength(1);
});
