import { type FieldPath, POLL_PRESETS, type PolledFields, type PollSource } from '@aisix-observability/audit-bridge';
import type { z } from 'zod';
import { POLLED_FIELDS, type PolledFieldKey } from './audit.ts';
import type { auditSchema } from './auditSchema.ts';

type PollEntry = z.output<typeof auditSchema>['poll'][number];

/**
 * The preset, with what the file says in its place. `fields`, and `paging` of the preset's own type, are completed by
 * the preset's: what is missing in both has been refused.
 */
export function toPollSource(from: PollEntry): PollSource {
  const base: PollSource =
    from.preset === undefined ? { rows: '', shape: 'canonical', paging: { type: 'none' } } : POLL_PRESETS[from.preset];
  return {
    ...base,
    ...(from.rows === undefined ? {} : { rows: from.rows }),
    ...(from.fields === undefined ? {} : { shape: toFields(from.fields, base.shape) }),
    ...(from.format === undefined ? {} : { shape: from.format }),
    ...(from.paging === undefined ? {} : { paging: toPaging(from.paging, base.paging) }),
    ...(from.from === undefined ? {} : { from: from.from }),
    ...(from.query === undefined ? {} : { query: from.query }),
    ...(from.auth === undefined ? {} : { auth: from.auth }),
  };
}

function toFields(from: NonNullable<PollEntry['fields']>, base: PollSource['shape']): PolledFields {
  const fields: Partial<Record<keyof PolledFields, FieldPath>> = {};
  for (const [key, name] of Object.entries(POLLED_FIELDS)) {
    const pointer = from[key as PolledFieldKey];
    if (pointer !== undefined) fields[name] = pointer as FieldPath;
  }
  return { id: '', occurredAt: '', ...(typeof base === 'object' ? base : {}), ...fields };
}

function toPaging(from: NonNullable<PollEntry['paging']>, base: PollSource['paging']): PollSource['paging'] {
  const param = from.param ?? (base.type === from.type && base.type !== 'none' ? base.param : '');
  if (from.type === 'page') {
    const total = (from.total as FieldPath | undefined) ?? (base.type === 'page' ? base.total : undefined);
    const first = from.first ?? (base.type === 'page' ? base.first : FIRST_PAGE);
    return { type: 'page', param, first, ...(total === undefined ? {} : { total }) };
  }
  if (from.type === 'cursor') {
    const next = (from.next as FieldPath | undefined) ?? (base.type === 'cursor' ? base.next : '');
    return { type: 'cursor', param, next };
  }
  return { type: 'none' };
}

/** As most logs count. */
const FIRST_PAGE = 1;
