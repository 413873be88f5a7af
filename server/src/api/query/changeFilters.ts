import { CHANGE_FIELDS, type ChangeField, type ChangeFilter } from '@aisix-observability/audit-bridge';
import { nearest } from '../../config/nearest.ts';
import { quote } from '../../config/problem.ts';
import { ApiError } from '../errors.ts';

const FIELD_NAMES = Object.keys(CHANGE_FIELDS);

/** @throws ApiError `field_unknown` */
export function checkChangeFilter(
  { field, op, value }: { field: string; op: ChangeFilter['op']; value: ChangeFilter['value'] },
  place: string,
): ChangeFilter {
  if (!Object.hasOwn(CHANGE_FIELDS, field)) {
    const near = nearest(field, FIELD_NAMES);
    throw new ApiError(
      'field_unknown',
      `\`${place}.field\`: changes have no field ${quote(field)}`,
      near === undefined ? `its fields are ${FIELD_NAMES.join(', ')}` : `did you mean \`${near}\`?`,
    );
  }
  return { field: field as ChangeField, op, value };
}
