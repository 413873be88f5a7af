import { OPERATORS_OF_TYPE, REQUEST_FIELDS } from '@aisix-observability/evidence';
import type { MarkersQuery } from '@aisix-observability/server';
import { describe, expect, it } from 'vitest';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { ApiRig } from './apiRig.ts';
import { OWNER, STAGING } from './readers.ts';

interface Fields {
  readonly fields: readonly {
    readonly name: string;
    readonly operators: readonly string[];
    readonly hashed: boolean;
    readonly listable: boolean;
    readonly values?: readonly string[];
  }[];
  readonly measures: readonly string[];
  readonly environments: readonly object[];
}

describe('fields', () => {
  const rig = new ApiRig();

  it('are all that there are, for who may see everything', async () => {
    const { body } = await rig.get<Fields>('/requests/fields', OWNER);
    expect(body.fields.map(({ name }) => name)).toEqual(Object.keys(REQUEST_FIELDS));
    expect(body.fields.every(({ hashed }) => !hashed)).toBe(true);
    expect(body.environments).toEqual([
      { id: RECORDED_ENVIRONMENT, name: 'prod' },
      { id: STAGING, name: 'staging' },
    ]);
    expect(body.fields.find(({ name }) => name === 'status')).toMatchObject({
      type: 'number',
      groupable: true,
      listable: true,
      operators: OPERATORS_OF_TYPE.number,
    });
    const unlisted = body.fields.filter(({ listable }) => !listable).map(({ name }) => name);
    expect(unlisted).toEqual(expect.arrayContaining(['requestId', 'startTime', 'durationMs', 'errorMessage']));
  });

  it('are told as the reader may use them: hidden ones not at all, hashed ones with fewer operators', async () => {
    const { body } = await rig.get<Fields>('/requests/fields');
    const field = (wanted: string) => body.fields.find(({ name }) => name === wanted);
    expect(field('jwt.subject')).toBeUndefined();
    expect(field('client.address')).toMatchObject({ hashed: true, operators: ['eq', 'neq', 'in', 'nin', 'exists'] });
    expect(field('client.identity')).toMatchObject({ hashed: false });
    expect(body.environments).toEqual([{ id: RECORDED_ENVIRONMENT, name: 'prod' }]);
  });

  it('each operator that is told is taken, and each field that is listable has a list', async () => {
    const range = { from: 1_795_415_470_000, to: 1_795_415_480_000 };
    const { body } = await rig.get<Fields>('/requests/fields');
    for (const { name, listable } of body.fields) {
      const answer = await rig.post('/requests/values', { ...range, field: name });
      expect([name, answer.status]).toEqual([name, listable ? 200 : 400]);
    }
  });
});

describe('markers', () => {
  const body = { from: 1_795_415_470_000, to: 1_795_415_480_000 };

  it('are none until there is a source of them', async () => {
    const { body: answer } = await new ApiRig().post<object>('/markers/search', body);
    expect(answer).toEqual({ markers: [], gaps: [] });
  });

  it('come page by page from the source, for the environments of the reader only', async () => {
    const asked: MarkersQuery[] = [];
    const marker = { id: 'm1', time: body.from, kind: 'model', action: 'update', count: 1, environment: STAGING };
    const rig = new ApiRig({
      markers: {
        async search(query) {
          asked.push(query);
          return query.after === undefined ? { markers: [marker], gaps: [], next: '17.a' } : { markers: [], gaps: [] };
        },
      },
    });
    const first = await rig.post<{ nextCursor: string }>('/markers/search', { ...body, limit: 1 });
    expect(first.body).toMatchObject({ markers: [marker], gaps: [] });
    const cursor = first.body.nextCursor;
    await rig.post('/markers/search', { ...body, cursor });
    expect(asked).toEqual([
      { ...body, environments: [RECORDED_ENVIRONMENT], limit: 1 },
      { ...body, environments: [RECORDED_ENVIRONMENT], limit: 100, after: '17.a' },
    ]);
    const stranger = await rig.post('/markers/search', { ...body, cursor }, { reader: OWNER });
    expect(stranger.body.error.code).toBe('cursor_mismatch');
  });
});
