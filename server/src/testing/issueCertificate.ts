import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate with its key, as PEM texts. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
}

export interface IssueOptions {
  readonly name: string;
  /** Absent: signs itself and may sign others. */
  readonly issuer?: Issued;
  /** `DNS:…`, `IP:…` (v4) or `URI:…`. */
  readonly alternativeNames?: readonly string[];
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const ascii = (text: string) => Buffer.from(text, 'latin1');

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const nameOf = (text: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
const time = (date: Date) => der(0x17, ascii(`${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

function alternativeName(text: string): Buffer {
  const value = text.slice(text.indexOf(':') + 1);
  if (text.startsWith('IP:')) return der(0x87, Buffer.from(value.split('.').map(Number)));
  return der(text.startsWith('URI:') ? 0x86 : 0x82, ascii(value));
}

/** Issues a certificate for tests: P-256, valid for a day around now. Node can check certificates but not make them. */
export function issueCertificate({ name, issuer, alternativeNames = [] }: IssueOptions): Issued {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const now = Date.now();
  const extensions = [
    ...(issuer === undefined
      ? [sequence(oid('551d13'), der(0x01, Buffer.from([0xff])), der(0x04, sequence(der(0x01, Buffer.from([0xff])))))]
      : []),
    ...(alternativeNames.length > 0
      ? [sequence(oid('551d11'), der(0x04, sequence(...alternativeNames.map(alternativeName))))]
      : []),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_SHA256,
    nameOf(issuer?.name ?? name),
    sequence(time(new Date(now - 43_200_000)), time(new Date(now + 43_200_000))),
    nameOf(name),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', body, signer);
  const certificate = sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = certificate
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    name,
  };
}
