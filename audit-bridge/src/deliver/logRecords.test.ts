import { exampleChange, NOON } from '@aisix-observability/evidence/testing';
import { SeverityNumber } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { LOG_ATTRIBUTE, LOG_ATTRIBUTE_TABLE } from './logAttributes.ts';
import { type LogRecordSettings, logRecordsOf } from './logRecords.ts';

const full = exampleChange({
  actor: { type: 'user', id: 'u1', name: 'Alice' },
  paths: [{ path: '/timeout', before: 10, after: 20, secret: false }],
  revision: 2249,
  effective: [{ dataPlane: 'dp-1', at: NOON + 700 }],
  environment: 'env-1',
});
const record = (change = full, settings: LogRecordSettings = {}) =>
  logRecordsOf(settings)({ type: 'change', change, aliases: ['old'], version: 7 });

it('the table tells of every attribute, once', () => {
  expect(Object.keys(LOG_ATTRIBUTE_TABLE).toSorted()).toEqual(Object.values(LOG_ATTRIBUTE).toSorted());
});

describe('the event of a change', () => {
  it('has its name in the field for it, the time it happened and the time it was received', () => {
    expect(record(full, { environmentNames: new Map([['env-1', 'prod']]) })).toMatchObject({
      eventName: 'aisix.config.change',
      hrTime: [NOON / 1_000, 0],
      hrTimeObserved: [NOON / 1_000, 400_000_000],
      severityNumber: SeverityNumber.INFO,
      attributes: {
        'aisix.change.id': 'c1',
        'aisix.change.version': 7,
        'aisix.change.aliases': ['old'],
        'aisix.change.action': 'update',
        'aisix.change.paths': ['/timeout'],
        'aisix.change.in_force': ['dp-1 2026-01-01T12:00:00.700Z'],
        'aisix.resource.kind': 'model',
        'aisix.resource.id': 'm1',
        'aisix.resource.name': 'gpt-4o',
        'user.id': 'u1',
        'deployment.environment.name': 'prod',
        'aisix.environment.id': 'env-1',
      },
    });
    expect(record()).not.toHaveProperty('severityText');
  });

  it('tells who and what value only as configured', () => {
    const told = (settings: LogRecordSettings) => JSON.stringify(record(full, settings).attributes);
    expect(told({})).not.toMatch(/Alice|change\.values/);
    expect(told({ actor: 'none' })).not.toMatch(/Alice|u1|user/);
    expect(told({ actor: 'name' })).toMatch(/"user\.name":"Alice"/);
    expect(record(full, { values: true }).attributes['aisix.change.values']).toBe(
      '[{"path":"/timeout","before":10,"after":20}]',
    );
  });

  it.each([
    [exampleChange({ result: 'failure' }), 'change_failed', SeverityNumber.WARN],
    [exampleChange({ state: 'rejected' }), 'change_rejected', SeverityNumber.WARN],
    [exampleChange(), undefined, SeverityNumber.INFO],
  ])('says that it went wrong: %#', (change, errorType, severityNumber) => {
    const { attributes, severityNumber: said } = record(change);
    expect([attributes['error.type'], said]).toEqual([errorType, severityNumber]);
  });

  it('is the same for the same row, at any time', () => {
    expect(record()).toEqual(record());
  });

  it('is bounded, whatever names and paths there are', () => {
    const long = 'x\ud800'.repeat(100_000);
    const paths = Array.from({ length: 5_000 }, () => ({ path: long, before: long, after: long, secret: false }));
    const change = exampleChange({ paths, resource: { kind: long, id: long, name: long }, environment: long });
    expect(JSON.stringify(record(change, { values: true }).attributes).length).toBeLessThan(300_000);
  });

  it('of the organization has no environment', () => {
    expect(Object.keys(record(exampleChange({ environment: null })).attributes).join()).not.toMatch(/environment/);
  });
});

it('the head of the ledger is an event', () => {
  const head = { seq: 12, hash: 'ab'.repeat(32), at: NOON };
  expect(logRecordsOf()({ type: 'head', head, publishedAt: NOON + 5 })).toMatchObject({
    eventName: 'aisix.ledger.head',
    attributes: { 'aisix.ledger.seq': 12, 'aisix.ledger.hash': head.hash },
  });
});
