import type { PollSource } from './pollSource.ts';

/** An address that cannot be polled. */
export class AuditPollerOptionsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AuditPollerOptionsError';
  }
}

/** @throws AuditPollerOptionsError */
export function checkedUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new AuditPollerOptionsError('url: expected http or https, without user and password');
  }
  return url;
}

/** The header that carries the token. */
export function authOf(token: string | undefined, source: PollSource): Readonly<Record<string, string>> {
  const { header, prefix } = source.auth ?? { header: 'authorization', prefix: 'Bearer ' };
  return token === undefined ? {} : { [header]: `${prefix}${token}` };
}
