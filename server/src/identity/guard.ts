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

/** @returns the reader when it may pass, else why not. */
export function pass(guard: Exclude<Guard, { needs: 'nothing' }>, reader: Reader | undefined): Reader | Refusal {
  if (reader === undefined) return nobody(guard);
  if (guard.needs === 'operator') {
    return reader.kind === 'grafana' ? forOperators('this') : reader;
  }
  if (reader.scopes.includes(guard.scope)) return reader;
  switch (reader.kind) {
    case 'local':
      return nobody(guard);
    case 'token':
      return {
        status: 403,
        code: 'scope_missing',
        message: `this token does not have the scope \`${guard.scope}\``,
        hint: 'scopes stand in `access.tokens` of the configuration',
      };
    case 'grafana':
      return guard.scope === 'changes' ? forAuditReaders(reader) : forOperators(`the scope \`${guard.scope}\``);
  }
}

function nobody(guard: Exclude<Guard, { needs: 'nothing' }>): Refusal {
  if (guard.needs === 'scope' && (guard.scope === 'requests' || guard.scope === 'changes')) {
    return {
      status: 401,
      code: 'identity_required',
      message:
        'expected an identity of Grafana (`X-Grafana-Id`) or `Authorization: Bearer` with a token of `access.tokens`, found neither',
    };
  }
  return {
    status: 401,
    code: 'token_required',
    message: 'from another machine this needs `Authorization: Bearer` with a token of `access.tokens`',
  };
}

const forOperators = (what: string): Refusal => ({
  status: 403,
  code: 'token_required',
  message: `${what} is for tokens of \`access.tokens\` and for this machine, not for identities of Grafana`,
});

const forAuditReaders = ({ role }: Reader): Refusal => ({
  status: 403,
  code: 'audit_reader_required',
  message: `this is for audit readers, and the role ${role ?? 'none'} with this type of identity does not make one`,
  hint: '`grafana[].audit_roles` and `grafana[].audit_types` of the configuration say who is one',
});
