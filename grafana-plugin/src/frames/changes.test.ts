import { LogLevel } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { changeWith } from '../testing/changes';
import { readAsGrafanaDoes } from '../testing/grafanaLogs';
import { changeLogFrame, changeSentence } from './changes';
import { changeTable } from './changeTable';
import { isFilterable, labelGroupOf } from './labels';
import { namedMarkers } from './namedMarkers';

const change = changeWith({
  paths: [
    { path: '/timeout', before: 30, after: 5, secret: false },
    { path: '/key', before: 'hmac:1', after: 'hmac:2', secret: true },
  ],
});
const prod = () => 'prod';

describe('a change', () => {
  it('is a sentence with who did what', () => {
    expect(changeSentence(change)).toBe('Model gpt-4o updated by ada: /timeout 30 → 5, /key (secret)');
    expect(changeSentence({ ...change, state: 'rejected', paths: [] })).toBe('Model gpt-4o updated by ada (rejected)');
    expect(changeSentence({ ...change, actor: { type: 'user' }, action: 'delete', paths: [] })).toBe(
      'Model gpt-4o deleted by user',
    );
  });

  it('says what was set for the first time, and what was taken away', () => {
    const paths = [
      { path: '/timeout', after: 5, secret: false },
      { path: '/tags', before: ['a'], secret: false },
      { path: '/x', secret: false },
    ];
    expect(changeSentence({ ...change, paths })).toBe(
      'Model gpt-4o updated by ada: /timeout set to 5, /tags ["a"] removed, /x',
    );
  });

  it('is a row of the log list with labels of its own', () => {
    const [row] = readAsGrafanaDoes(changeLogFrame([change], 'A', prod)).rows;
    expect(row).toMatchObject({
      id: 'change/c1',
      level: LogLevel.info,
      labels: { kind: 'model', action: 'update', resource: 'gpt-4o', actor: 'ada', changeEnvironment: 'prod' },
    });
    expect(row?.body).toMatch(/^⚙ Model gpt-4o updated/);
  });

  it('has no label by which requests are filtered, wherever it holds', () => {
    for (const environment of [changeWith().environment, null]) {
      const [row] = readAsGrafanaDoes(changeLogFrame([changeWith({ environment })], 'A', prod)).rows;
      const labels = Object.keys(row?.labels ?? {});
      expect(labels.filter(isFilterable)).toEqual([]);
      expect(labels.map(labelGroupOf)).toEqual(labels.map(() => 'Change'));
      expect(labels.includes('changeScope')).toBe(environment === null);
    }
  });

  it('that a data plane refused is a warning', () => {
    const frame = changeLogFrame([changeWith({ state: 'rejected' }), changeWith({ result: 'failure' })], 'A', prod);
    expect(readAsGrafanaDoes(frame).rows.map(({ level }) => level)).toEqual([LogLevel.warning, LogLevel.warning]);
  });

  it('is a row of a table, with nothing made up', () => {
    const table = changeTable(
      [change, { ...change, actor: undefined, effective: [{ dataPlane: 'dp', at: 7 }] }],
      'A',
      prod,
    );
    const column = (name: string) => table.fields.find((field) => field.name === name)?.values;
    expect(column('actor')).toEqual(['ada', 'unknown']);
    expect(column('in force')).toEqual([null, 7]);
    expect(column('verdict')).toEqual([null, null]);
    expect(column('inEnvironment')).toEqual(['prod', 'prod']);
    expect(column('what')?.[0]).toBe('/timeout 30 → 5, /key (secret)');
  });
});

describe('a marker with names', () => {
  it('does not repeat its first line in its second', () => {
    expect(namedMarkers([change], prod)).toMatchObject([
      {
        title: 'Model gpt-4o updated',
        text: 'by ada · prod · /timeout 30 → 5, /key (secret)',
        changeId: 'c1',
        environment: 'prod',
        lane: 'Model',
      },
    ]);
  });

  it('stands for a whole burst, from the first change to the last', () => {
    const burst = ['a', 'b', 'c', 'd'].map((name, at) =>
      changeWith({ id: name, burstId: 'b1', occurredAt: 1000 * at, resource: { kind: 'api_key', name } }),
    );
    expect(namedMarkers([...burst.toReversed(), changeWith({ id: 'alone' })], prod)).toMatchObject([
      {
        time: 0,
        timeEnd: 3000,
        title: '4 changes',
        text: 'by ada · prod · Caller key d updated, Caller key c updated, Caller key b updated, 1 more',
        lane: 'Caller key',
        changeId: 'b1',
      },
      { title: 'Model gpt-4o updated', changeId: 'alone' },
    ]);
  });

  it('names the environment where one looks for it; none where it is no one environment', () => {
    const environmentOf = (...environments: (string | null)[]) =>
      namedMarkers(
        environments.map((environment, at) => changeWith({ id: `c${at}`, burstId: 'b', environment })),
        (id) => `name of ${id}`,
      ).map(({ environment }) => environment);
    expect(environmentOf('x')).toEqual(['name of x']);
    expect(environmentOf('x', 'x', null)).toEqual(['name of x']);
    expect(environmentOf('x', 'y')).toEqual([undefined]);
    expect(environmentOf(null)).toEqual([undefined]);
  });
});
