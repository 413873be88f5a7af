import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Address } from '../../index.ts';

export interface Answer {
  readonly status: number;
  /** The beginning of the body. */
  readonly text: string;
}

/** Answers of our own receivers are short. */
const MAX_ANSWER = 4096;
const TIMEOUT_MILLIS = 10_000;

/** The address of this machine under which a server that listens everywhere is reached. */
export function reachable(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}

/**
 * Posts to the ingest listener of the server on this machine. With TLS the peer must show exactly the certificate of
 * the configuration: names and authorities are for others, who come from elsewhere.
 */
export function createIngestClient(ingest: Address, certFile: string | undefined) {
  const expected = certFile === undefined ? undefined : new X509Certificate(readFileSync(certFile)).fingerprint256;
  return (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Uint8Array,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const send = ingest.scheme === 'https' ? httpsRequest : httpRequest;
      const request = send(
        {
          host: reachable(ingest.host),
          port: ingest.port,
          method,
          path,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          timeout: TIMEOUT_MILLIS,
          agent: false,
          rejectUnauthorized: false,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            if (text.length < MAX_ANSWER) text += chunk;
          });
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text: text.slice(0, MAX_ANSWER) }));
        },
      );
      request.on('timeout', () => request.destroy(new Error('the server did not answer in time')));
      request.on('error', reject);
      if (expected === undefined) {
        request.end(body);
        return;
      }
      // Nothing is written before it is known who listens.
      request.on('socket', (socket) => {
        (socket as TLSSocket).once('secureConnect', () => {
          const found = (socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
          if (found === expected) request.end(body);
          else request.destroy(new Error('the listener shows another certificate than the configured one'));
        });
      });
    });
}

export type IngestClient = ReturnType<typeof createIngestClient>;
