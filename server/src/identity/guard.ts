import type { AccessScope } from '../config/config.ts';
import type { Reader } from './reader.ts';
import type { Refusal } from './refusal.ts';

/** What a route asks of its caller. */
export type Guard =
  | { readonly needs: 'nothing' }
  /** The scope, whoever has it. */
  | { readonly needs: 'scope'; readonly scope: AccessScope }
  /** Somebody of this machine, or any token of `access.tokens`. */
  | { readonly needs: 'operator' };

/** Probes only: nothing that tells anything. */
export const open: Guard = { needs: 'nothing' };
/** May read requests and neutral markers. */
export const viewer: Guard = { needs: 'scope', scope: 'requests' };
/** May read changes and investigations. */
export const auditReader: Guard = { needs: 'scope', scope: 'changes' };
export const operator: Guard = { needs: 'operator' };
export const scope = (name: AccessScope): Guard => ({ needs: 'scope', scope: name });

/**
 * Guards by `METHOD /path`. Paths are literal: what callers choose (ids) stands in bodies and never in a path, so that
 * one spelling of a path is the only one.
 */
export type RouteGuards = Readonly<Record<string, Guard>>;

/** @returns nothing when the reader may pass. */
export function refusalOf(guard: Guard, reader: Reader): Refusal | undefined {
  if (guard.needs === 'nothing') return undefined;
  if (guard.needs === 'operator') {
    if (reader.kind !== 'grafana') return undefined;
    return {
      status: 403,
      code: 'token_required',
      message: 'this is for tokens of `access.tokens` and for this machine, not for identities of Grafana',
    };
  }
  if (reader.scopes.includes(guard.scope)) return undefined;
  if (reader.kind === 'token') {
    return {
      status: 403,
      code: 'scope_missing',
      message: `this token does not have the scope \`${guard.scope}\``,
      hint: 'scopes stand in `access.tokens` of the configuration',
    };
  }
  if (reader.kind === 'local') {
    return {
      status: 401,
      code: 'identity_required',
      message:
        'this needs to know who is asking: expected `X-Grafana-Id` or `Authorization: Bearer` with a token of `access.tokens`, found neither',
    };
  }
  if (guard.scope === 'changes') {
    return {
      status: 403,
      code: 'audit_reader_required',
      message: `changes are for audit readers; this identity has the role ${reader.role ?? 'none'}`,
      hint: '`grafana[].audit_roles` and `audit_types` of the configuration say who is one',
    };
  }
  return {
    status: 403,
    code: 'token_required',
    message: `this needs a token of \`access.tokens\` with the scope \`${guard.scope}\``,
  };
}
