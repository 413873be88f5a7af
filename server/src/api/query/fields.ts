import {
  type FieldSpec,
  type PersonalField,
  REQUEST_FIELDS,
  type ReadScope,
  type RequestField,
  type Visibility,
} from '@aisix-observability/evidence';
import { nearest } from '../../config/nearest.ts';
import { quote } from '../../config/problem.ts';
import { ApiError } from '../errors.ts';

const FIELD_NAMES = Object.keys(REQUEST_FIELDS) as RequestField[];

export const specOf = (field: RequestField): FieldSpec => REQUEST_FIELDS[field];

/** How the reader sees a field; only personal ones are ever anything but clear. */
export const visibilityOf = (field: RequestField, { visibility }: ReadScope): Visibility =>
  visibility[field as PersonalField] ?? 'clear';

/** Fields whose values are (nearly) all different: a list of them is a search. */
const UNLISTED: ReadonlySet<RequestField> = new Set<RequestField>([
  'requestId',
  'traceId',
  'errorMessage',
  'attempt.errorMessage',
  'attempt.responseId',
]);

/** Whether a list of the field's values makes sense. */
export function isListable(field: RequestField): boolean {
  const { type, scope, groupable } = specOf(field);
  if (UNLISTED.has(field) || type === 'time') return false;
  return type !== 'number' || groupable === true || scope === 'attempts';
}

/**
 * The field of that name, when the reader may use it at all.
 *
 * @throws ApiError `field_unknown` with the nearest name, `field_hidden`
 */
export function findField(name: string, place: string, scope: ReadScope): RequestField {
  const field = FIELD_NAMES.find((each) => each === name);
  if (field === undefined) {
    const near = nearestField(name);
    throw new ApiError(
      'field_unknown',
      `\`${place}\` names the field ${quote(name)}, which does not exist`,
      near === undefined ? '`GET /requests/fields` lists them' : `did you mean \`${near}\`?`,
    );
  }
  if (visibilityOf(field, scope) === 'hidden') {
    throw new ApiError('field_hidden', `\`${place}\` names the field \`${field}\`, which is hidden from you`);
  }
  return field;
}

/** Somebody who writes `model` or `key` means a field whose name has it as a part. */
function nearestField(name: string): RequestField | undefined {
  const near = nearest(name, FIELD_NAMES);
  if (near !== undefined) return near as RequestField;
  const wanted = name.toLowerCase().replace(/[-_\s]/g, '');
  if (wanted.length < 3) return undefined;
  return FIELD_NAMES.find((field) => field.toLowerCase().includes(wanted));
}
