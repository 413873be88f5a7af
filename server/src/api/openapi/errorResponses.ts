import { z } from '@hono/zod-openapi';
import { API_ERRORS, type ApiErrorCode } from '../errors.ts';

/** Refusals that identity gives before a handler is reached, by status. */
export const IDENTITY_ERRORS = {
  401: ['identity_required', 'token_unknown'],
  403: ['scope_missing', 'token_required'],
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
