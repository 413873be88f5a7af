import { describeFields } from '../../../server/src/api/routes/fields.ts';
import type { FieldsAnswer } from '../api/contract';

export const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';

/** What the server answers of fields to a reader who sees one environment and no hashes. */
export const FIELDS: FieldsAnswer = describeFields({
  scope: { environments: [PROD], visibility: {} },
  environments: [{ id: PROD, name: 'prod' }],
});

/** Every field that the server filters by. */
export const REQUEST_FIELD_NAMES: readonly string[] = FIELDS.fields.map(({ name }) => name);
