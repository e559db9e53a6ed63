/** A fresh self-signed certificate for 127.0.0.1 and localhost, for servers of tests. Written here byte by byte. */
import { generateKeyPairSync, hash, sign } from 'node:crypto';

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  /** 64 hex digits. */
  readonly sha256: string;
}

export function testCertificate(name = 'localhost'): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicBytes = publicKey.export({ type: 'spki', format: 'der' });
  const subject = sequence(set(sequence(oid('55 04 03'), der(0x0c, Buffer.from(name)))));
  const algorithm = sequence(oid('2a 86 48 ce 3d 04 03 02'));
  const names = sequence(der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), hash('sha256', publicBytes, 'buffer').subarray(0, 7)])),
    algorithm,
    subject,
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    subject,
    publicBytes,
    der(
      0xa3,
      sequence(
        sequence(oid('55 1d 13'), der(0x04, isAuthority)),
        sequence(oid('55 1d 11'), der(0x04, names)),
      ),
    ),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const bytes = sequence(body, algorithm, signature);
  const base64 = bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    sha256: hash('sha256', bytes, 'hex'),
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
  return der(0x31, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** Positive: a leading zero where the first bit is set. */
function integer(bytes: Buffer): Buffer {
  return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text));
}
