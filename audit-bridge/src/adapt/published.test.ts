import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createFeedBench } from '../receive/testing/feedBench.ts';
import type { AdaptContext } from './adapted.ts';
import { auditEventJsonSchema } from './auditEvent.ts';
import { adaptCanonical } from './canonical.ts';
import { adaptCloudEvent } from './cloudEvents.ts';

const docs = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const GUIDE = docs('audit-events.md');
const EXAMPLES = [...GUIDE.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text ?? '') as unknown);
const NOW = Date.parse('2026-11-23T12:05:00Z');

const context: AdaptContext = {
  ...createFeedBench(NOW),
  feed: { type: 'webhook', name: 'cloud' },
  trust: 'signed',
  now: NOW,
  environmentOf: () => 'prod',
};

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
}

/** Names of all fields, as the guide writes them. */
function fieldsOf(schema: Schema, path = ''): string[] {
  const inner = schema.anyOf?.find(({ properties, items }) => properties ?? items) ?? schema;
  if (inner.items !== undefined) return fieldsOf(inner.items, `${path}[]`);
  if (inner.properties === undefined) return [path];
  return Object.entries(inner.properties).flatMap(([name, field]) =>
    fieldsOf(field, path === '' ? name : `${path}.${name}`),
  );
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .replaceAll('[]', '.0')
    .split('.')
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value);
}

describe('the published contract', () => {
  it('is the one that is read; `pnpm schema` writes it anew', () => {
    expect(JSON.parse(docs('audit-event.schema.json'))).toEqual(auditEventJsonSchema());
  });

  it('has examples that are taken', () => {
    expect(EXAMPLES).toHaveLength(3);
    const [whole, least, cloudEvent] = EXAMPLES;
    expect(adaptCanonical(whole, context)).toMatchObject({
      observation: { resource: { name: 'smart', previousName: 'clever' } },
    });
    expect(adaptCanonical(least, context)).toMatchObject({ observation: { action: 'rotate', environment: 'prod' } });
    expect(adaptCloudEvent(cloudEvent, context)).toMatchObject({
      observation: { action: 'update', resource: { kind: 'model' }, actor: { name: 'terraform' } },
    });
  });

  it('has a table with every field, and the model has what the table says', () => {
    const rows = [...GUIDE.matchAll(/^\| `([a-z_.[\]]+)` +\| (?:`([A-Za-z.[\]]+)`|–) +\|/gm)];
    const wire = rows.map(([, field]) => field ?? '').sort();
    expect(wire).toEqual(fieldsOf(auditEventJsonSchema() as Schema).sort());
    const adapted = adaptCanonical(EXAMPLES[0], context);
    const observation = 'observation' in adapted ? adapted.observation : undefined;
    const missing = rows.flatMap(([, , model]) =>
      model !== undefined && valueAt(observation, model) === undefined ? [model] : [],
    );
    expect(missing).toEqual([]);
  });
});
