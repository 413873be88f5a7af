import { TLSSocket } from 'node:tls';
import type { Context } from 'hono';
import type { ReceiverEnv } from './nodeRequest.ts';

/** What a data plane's client certificate says it is. */
export interface PeerIdentity {
  readonly environment: string;
  readonly dataPlane: string;
}

const ENVIRONMENT = /^x-aisix:\/\/env\/([A-Za-z0-9._-]{1,128})$/;
const DATA_PLANE = /^x-aisix:\/\/dp\/([A-Za-z0-9._-]{1,128})$/;

/** A certificate does not change while its connection lives. */
const known = new WeakMap<TLSSocket, PeerIdentity | 'none'>();

/**
 * Identity from the verified client certificate of the connection. Undefined without TLS, without a certificate,
 * when its chain was not verified, or when its names are not exactly one environment and one data plane.
 */
export function peerIdentityOf(c: Context<ReceiverEnv>): PeerIdentity | undefined {
  const socket = c.env?.incoming?.socket;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  let identity = known.get(socket);
  if (identity === undefined) {
    identity = identityFromNames(socket.getPeerX509Certificate()?.subjectAltName) ?? 'none';
    known.set(socket, identity);
  }
  return identity === 'none' ? undefined : identity;
}

/** Identity from the two URIs of a subject alternative name, in the text form of Node (and so OpenSSL). */
export function identityFromNames(subjectAltName: string | undefined): PeerIdentity | undefined {
  const uris = urisOf(subjectAltName ?? '');
  const environments = uris?.flatMap((uri) => ENVIRONMENT.exec(uri)?.[1] ?? []);
  const dataPlanes = uris?.flatMap((uri) => DATA_PLANE.exec(uri)?.[1] ?? []);
  // Two answers are no answer: whoever signs certificates decides, not whoever reads the first name.
  const [environment, second] = environments ?? [];
  const [dataPlane, other] = dataPlanes ?? [];
  if (environment === undefined || dataPlane === undefined || second !== undefined || other !== undefined) {
    return undefined;
  }
  return { environment, dataPlane };
}

/**
 * The URIs of `URI:…, DNS:…, URI:"…"`. A value with a comma, a quote or a control character is written as a JSON
 * string, so that no name can pretend to be two. Undefined when the text does not follow that form.
 */
function urisOf(text: string): readonly string[] | undefined {
  const uris: string[] = [];
  for (let at = 0; at < text.length; ) {
    const entry = /([A-Za-z][A-Za-z ]{0,31}):(?:("(?:[^"\\]|\\.)*")|([^",]*))(?:, |$)/y;
    entry.lastIndex = at;
    const match = entry.exec(text);
    if (match === null) return undefined;
    const value = match[2] === undefined ? match[3] : unquoted(match[2]);
    if (value === undefined) return undefined;
    if (match[1] === 'URI') uris.push(value);
    at = entry.lastIndex;
  }
  return uris;
}

function unquoted(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
