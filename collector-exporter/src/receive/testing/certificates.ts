import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key and a certificate in PEM, made for one test run. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes throw-away certificates (P-256): an authority and what it signs. Only what TLS in tests needs of X.509. */
export interface TestAuthority extends TestCertificate {
  /** Names as `URI:…`, `DNS:…` or `IP:…`. */
  issue(commonName: string, names: readonly string[]): TestCertificate;
}

export function createTestAuthority(commonName = 'test authority'): TestAuthority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = pemOf(privateKey);
  const constraints = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))), true);
  const cert = certificateOf({
    subject: commonName,
    issuer: commonName,
    publicKey,
    signer: key,
    extensions: [constraints],
  });
  return {
    cert,
    key,
    issue(subject, names) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const alternative = extension('551d11', sequence(...names.map(generalName)));
      const extensions = names.length === 0 ? [] : [alternative];
      const issued = { subject, issuer: commonName, publicKey: pair.publicKey, signer: key, extensions };
      return { cert: certificateOf(issued), key: pemOf(pair.privateKey) };
    },
  };
}

const ECDSA_WITH_SHA256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

let serial = 1;

function certificateOf(parts: {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: string;
  readonly extensions: readonly Buffer[];
}): string {
  serial += 1;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    ECDSA_WITH_SHA256,
    nameOf(parts.issuer),
    sequence(der(0x18, Buffer.from('20200101000000Z')), der(0x18, Buffer.from('21000101000000Z'))),
    nameOf(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    ...(parts.extensions.length === 0 ? [] : [der(0xa3, sequence(...parts.extensions))]),
  );
  const signature = sign('sha256', body, createPrivateKey(parts.signer));
  const certificate = sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(commonName)))));
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(der(0x06, Buffer.from(oid, 'hex')), ...flag, der(0x04, value));
}

function generalName(name: string): Buffer {
  const kind = name.slice(0, name.indexOf(':'));
  const value = name.slice(kind.length + 1);
  if (kind === 'IP') return der(0x87, Buffer.from(value.split('.').map(Number)));
  return der(kind === 'URI' ? 0x86 : 0x82, Buffer.from(value, 'latin1'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, content]);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
