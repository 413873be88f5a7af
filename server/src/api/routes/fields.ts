import { MEASURES, OPERATORS_OF_TYPE, REQUEST_FIELDS, type RequestField } from '@aisix-observability/evidence';
import { type ApiDeps, askingOf } from '../context.ts';
import { type FieldsAnswer, fieldsAnswer } from '../contract/answers.ts';
import { isListable, specOf, visibilityOf } from '../query/fields.ts';
import { OPERATORS_ON_HASHES } from '../query/filters.ts';
import type { Asking } from '../query/selection.ts';
import type { ApiRouter } from '../router.ts';

/** What can be asked, as one reader may ask it. */
export function describeFields({ scope, environments }: Asking): FieldsAnswer {
  const names = Object.keys(REQUEST_FIELDS) as RequestField[];
  return {
    fields: names.flatMap((name) => {
      const visibility = visibilityOf(name, scope);
      if (visibility === 'hidden') return [];
      const { type, scope: of, description, unit, values, groupable = false, freeText = false } = specOf(name);
      const hashed = visibility === 'hashed';
      return {
        name,
        type,
        scope: of,
        description,
        ...(unit === undefined ? {} : { unit }),
        ...(values === undefined ? {} : { values: [...values] }),
        operators: [...(hashed ? OPERATORS_ON_HASHES : OPERATORS_OF_TYPE[type])],
        groupable,
        listable: isListable(name),
        freeText,
        hashed,
      };
    }),
    measures: [...MEASURES],
    environments: scope.environments.map((id) => ({
      id,
      name: environments.find((environment) => environment.id === id)?.name ?? id,
    })),
  };
}

export function addFieldsRoute(router: ApiRouter, { environments }: Pick<ApiDeps, 'environments'>): void {
  router.get(
    {
      path: '/requests/fields',
      summary: 'Fields, operators, measures and environments that a query may use',
      answer: fieldsAnswer,
      errors: ['requests_off'],
    },
    (c) => c.json(describeFields(askingOf(c.var.reader, environments))),
  );
}
