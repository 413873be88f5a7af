import { LogLevel } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import type { ConfigChange } from '../api/changes';
import { readAsGrafanaDoes } from '../testing/grafanaLogs';
import { changeLogFrame, changeSentence, namedMarker } from './changes';

const change: ConfigChange = {
  id: 'c1',
  occurredAt: 1_795_414_745_746.5,
  action: 'update',
  actor: { type: 'user', name: 'ada' },
  resource: { kind: 'model', id: 'm1', name: 'gpt-4o' },
  environment: 'env',
  paths: [
    { path: '/timeout', before: 30, after: 5, secret: false },
    { path: '/key', before: 'hmac:1', after: 'hmac:2', secret: true },
  ],
  result: 'success',
  trust: 'signed',
  state: 'applied',
};

describe('a change', () => {
  it('is a sentence with who did what', () => {
    expect(changeSentence(change)).toBe('Model gpt-4o updated by ada: /timeout 30 → 5, /key (secret)');
    expect(changeSentence({ ...change, state: 'rejected', paths: [] })).toBe('Model gpt-4o updated by ada (rejected)');
    expect(changeSentence({ ...change, actor: { type: 'user' }, action: 'delete', paths: [] })).toBe(
      'Model gpt-4o deleted by user',
    );
  });

  it('is a row of the log list with labels of its own', () => {
    const [row] = readAsGrafanaDoes(changeLogFrame([change], 'A', () => 'prod')).rows;
    expect(row).toMatchObject({
      id: 'change/c1',
      level: LogLevel.info,
      labels: { kind: 'model', action: 'update', resource: 'gpt-4o', actor: 'ada', environment: 'prod' },
    });
    expect(row?.body).toMatch(/^⚙ Model gpt-4o updated/);
  });

  it('is a marker whose second line does not repeat the first', () => {
    expect(namedMarker(change, () => 'prod')).toMatchObject({
      title: 'Model gpt-4o updated',
      text: 'by ada · prod · /timeout 30 → 5, /key (secret)',
    });
  });
});
