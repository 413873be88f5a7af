import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GrafanaSigner } from './grafanaSigner.ts';

/** What the endpoint does with a request; the sequence of keys is the signer's. */
export type KeysReply = 'keys' | 'error' | 'disconnect' | 'hang' | 'redirect' | 'endless' | 'page' | 'none' | 'odd';

/** `GET /api/signing-keys/keys` of a Grafana, on a port of this machine. */
export interface SigningKeysServer {
  readonly url: string;
  reply: KeysReply;
  /** So many were asked for, redirects that were followed too. */
  readonly requests: number;
  close(): Promise<void>;
}

export async function startSigningKeysServer(signer: GrafanaSigner): Promise<SigningKeysServer> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    REPLIES[state.reply](response, signer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: SigningKeysServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/signing-keys/keys`,
    reply: 'keys',
    get requests() {
      return requests;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  return state;
}

const json = (response: ServerResponse, body: unknown) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
};

const REPLIES: Readonly<Record<KeysReply, (response: ServerResponse, signer: GrafanaSigner) => void>> = {
  keys: (response, signer) => json(response, signer.jwks()),
  error: (response) => response.writeHead(500).end(),
  disconnect: (response) => response.destroy(),
  hang: () => {},
  redirect: (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
  endless(response) {
    const chunk = '{"keys":['.padEnd(16 * 1024);
    const more = () => {
      while (response.write(chunk));
    };
    response.on('drain', more);
    more();
  },
  page: (response) => response.end('<!doctype html><title>Grafana</title>'),
  none: (response) => json(response, { keys: [] }),
  // Keys that may not be used, before and beside one that may.
  odd(response, signer) {
    const [key] = signer.jwks().keys;
    json(response, {
      keys: [
        null,
        7,
        { ...key, kid: undefined },
        { ...key, kid: 'for-encryption', use: 'enc' },
        { ...key, kid: 'other-algorithm', alg: 'ES384' },
        { ...key, kid: 'other-curve', crv: 'P-384' },
        { kty: 'oct', kid: 'symmetric', k: 'c2VjcmV0' },
        { ...key, kid: 'off-the-curve', x: 'AAAA', y: 'AAAA' },
        key,
      ],
    });
  },
};
