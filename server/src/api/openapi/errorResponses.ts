import { z } from '@hono/zod-openapi';
import { API_ERRORS, type ApiErrorCode } from '../errors.ts';

/** Who is asking is not known: 401, and 403 through Grafana, which takes a 401 for its own. */
const UNKNOWN_CALLER = [
  'identity_required',
  'identity_malformed',
  'identity_algorithm',
  'identity_key_unknown',
  'identity_signature',
  'identity_issuer',
  'identity_audience',
  'identity_claims',
  'identity_expired',
  'identity_not_yet_valid',
  'datasource_secret_required',
  'datasource_secret_wrong',
  'token_required',
  'token_unknown',
] as const;

/** Refusals that identity gives before a handler is reached, by status. */
export const IDENTITY_ERRORS = {
  401: UNKNOWN_CALLER,
  403: [...UNKNOWN_CALLER, 'identity_role', 'identity_type', 'scope_missing'],
  503: ['identity_keys_unavailable'],
} as const;

/** Any route may say these. */
const EVERYWHERE = ['internal', 'not_found', 'method_not_allowed'] as const satisfies readonly ApiErrorCode[];

/** Responses of an OpenAPI route: one for each status, with the codes that it may carry. */
export function errorResponses(codes: readonly ApiErrorCode[]) {
  const byStatus = new Map<number, string[]>();
  const add = (status: number, code: string) => {
    const known = byStatus.get(status) ?? [];
    if (!known.includes(code)) byStatus.set(status, [...known, code]);
  };
  for (const [status, identity] of Object.entries(IDENTITY_ERRORS)) {
    for (const code of identity) add(Number(status), code);
  }
  for (const code of [...codes, ...EVERYWHERE]) add(API_ERRORS[code].status, code);
  return Object.fromEntries(
    [...byStatus].map(([status, known]) => [
      status,
      {
        description: known.map((code) => `\`${code}\``).join(', '),
        content: {
          'application/json': {
            schema: z.object({
              error: z.object({
                code: z.enum(known as [string, ...string[]]),
                message: z.string(),
                hint: z.string().optional(),
              }),
            }),
          },
        },
      },
    ]),
  );
}
