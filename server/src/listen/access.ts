import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config/advice.ts';
import type { AccessScope, AccessTokenConfig } from '../config/config.ts';

/** Why somebody may not see something. */
export type Denied = { readonly status: 401 | 403; readonly code: string; readonly message: string };

/** Headers that a proxy adds: behind one every caller comes from this machine, and being local proves nothing. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const;

/**
 * What concerns the operator (`/metrics`, `/status`) is for this machine and for holders of a token with the scope.
 * A local browser that was led here by a foreign name (DNS rebinding) sends that name as `Host` and is not local.
 *
 * @returns nothing when it is allowed.
 */
export function denyOperator(
  incoming: IncomingMessage,
  scope: AccessScope,
  tokens: readonly AccessTokenConfig[],
): Denied | undefined {
  if (isLocal(incoming)) return undefined;
  const given = /^Bearer ([^\s]+)$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (given === undefined) {
    return {
      status: 401,
      code: 'token_required',
      message: 'from another machine this needs `Authorization: Bearer` with a token of `access.tokens`',
    };
  }
  const token = findToken(given, tokens);
  if (token === undefined) return { status: 401, code: 'token_unknown', message: 'this token is not known' };
  if (!token.scopes.includes(scope)) {
    return { status: 403, code: 'scope_missing', message: `this token does not have the scope \`${scope}\`` };
  }
  return undefined;
}

function isLocal(incoming: IncomingMessage): boolean {
  if (!isLoopback(incoming.socket.remoteAddress ?? '')) return false;
  if (FORWARDED.some((name) => incoming.headers[name] !== undefined)) return false;
  const host = incoming.headers.host ?? '';
  return URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname);
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Compares with every token in the same time, so that nothing about a token can be measured. */
function findToken(given: string, tokens: readonly AccessTokenConfig[]): AccessTokenConfig | undefined {
  const wanted = digest(given);
  let found: AccessTokenConfig | undefined;
  for (const token of tokens) if (timingSafeEqual(digest(token.token), wanted)) found = token;
  return found;
}
