import { lastValueFrom, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { tagKeys, tagValues } from '../adHoc/adHoc';
import { asked, fakeApi, fakeContext } from '../testing/fakeApi';
import { fakeTemplates } from '../testing/fakeTemplates';
import { DEFAULT_VARIABLE, readVariable } from './model';
import { variableValues } from './variableValues';

const values = () => of({ values: [{ value: 'key-1', name: 'Team A', count: 3 }, { value: '502' }], more: false });
const query = readVariable({ kind: 'values', field: 'apiKeyId', environment: '$env', search: 'x' });
const templates = fakeTemplates({ env: { value: 'prod' }, two: { value: ['a', 'b'] } });

describe('values of a variable', () => {
  it('are texts with their names', async () => {
    const api = fakeApi({ values });
    const frame = await lastValueFrom(variableValues(query, asked(), fakeContext(api, { templates })));
    expect(frame.fields.map(({ name, values: column }) => [name, column])).toEqual([
      ['text', ['Team A', '502']],
      ['value', ['key-1', '502']],
    ]);
    expect(api.calls[0]?.[1]).toMatchObject({ field: 'apiKeyId', environment: 'prod', search: 'x' });
  });

  it('are environments by name', async () => {
    const environments = readVariable({ kind: 'environments' });
    const frame = await lastValueFrom(variableValues(environments, asked(), fakeContext(fakeApi())));
    expect(frame.fields[1]?.values).toEqual(['prod']);
  });

  it('of several environments are one list', async () => {
    const api = fakeApi({ values });
    const two = { ...query, environment: '$two' };
    const frame = await lastValueFrom(variableValues(two, asked(), fakeContext(api, { templates })));
    expect(api.calls.map(([, body]) => (body as { environment: string }).environment)).toEqual(['a', 'b']);
    expect(frame.fields[1]?.values).toEqual(['key-1', '502']);
  });

  it('fail in words', async () => {
    const broken = fakeContext(fakeApi({ values: () => throwError(() => ({ status: 502 })) }), { templates });
    await expect(lastValueFrom(variableValues(query, asked(), broken))).rejects.toThrow('cannot reach the server');
    const two = { ...query, search: '$two' };
    await expect(lastValueFrom(variableValues(two, asked(), broken))).rejects.toThrow('takes one value');
  });

  it('of a saved query that holds anything have defaults', () => {
    expect(readVariable('a text of old')).toEqual({ refId: 'variable', ...DEFAULT_VARIABLE });
    expect(readVariable({ field: 5 as unknown as string })).toMatchObject({ field: 'requestedModel' });
  });
});

describe('filters of a dashboard', () => {
  it('are offered for what the reader may compare', async () => {
    const keys = await tagKeys(fakeContext(fakeApi()));
    expect(keys).toContainEqual({ text: 'servedModel', value: 'servedModel' });
    expect(keys.map(({ text }) => text)).not.toContain('startTime');
  });

  it('have the values of the range, and none where there are too many', async () => {
    expect(await tagValues('apiKeyId', asked(), fakeContext(fakeApi({ values })))).toHaveLength(2);
    const refused = fakeApi({ values: () => throwError(() => ({ status: 400 })) });
    expect(await tagValues('requestId', asked(), fakeContext(refused))).toEqual([]);
  });
});
