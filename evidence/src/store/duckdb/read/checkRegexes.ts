import type { RequestFilter } from '../../query.ts';
import { StoreQueryError } from '../../store.ts';
import type { Engine } from '../engine/engine.ts';
import { Parameters } from '../engine/parameters.ts';

/**
 * Lets the engine compile the regular expressions of a query before it looks at anything.
 *
 * @throws StoreQueryError `regex_invalid`.
 */
export async function checkRegexes(
  { filters }: { readonly filters: readonly RequestFilter[] },
  engine: Engine,
  signal?: AbortSignal,
): Promise<void> {
  const expressions = filters.flatMap(({ op, value }, at) => (op === 'regex' ? [[at, String(value)] as const] : []));
  if (expressions.length === 0) return;
  await engine.read(
    'light',
    async (session) => {
      for (const [at, expression] of expressions) {
        const parameters = new Parameters();
        try {
          await session.rows(`SELECT regexp_matches('', ${parameters.text(expression)}, 's')`, parameters);
        } catch {
          signal?.throwIfAborted();
          const where = `filters[${at}].value`;
          throw new StoreQueryError('regex_invalid', `${where}: RE2 does not understand the expression`, where);
        }
      }
    },
    signal,
  );
}
