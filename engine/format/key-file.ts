/**
 * A key file: the master key, sealed with a key that scrypt derives from a password. Plain JSON around it.
 * Its cost parameters are paid before anything is authenticated, so absurd ones are refused.
 */
import { scrypt } from 'node:crypto';
import type { Chance } from '../base/chance.ts';
import { limits } from '../base/limits.ts';
import { unmapOwnProgram } from '../system/own-program.ts';
import { asBase64, asCount, asObject, asOptionalText, parseObject } from './json.ts';
import { type SealKey, seal, unseal } from './seal.ts';
import { sealPrimitives } from './seal-primitives.ts';

const saltBytes = 64;

export interface KdfCost {
  /** scrypt's N, r and p. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What restic's calibration arrives at on a laptop: 32 MiB, about half a second. */
export const defaultKdfCost: KdfCost = { N: 32768, r: 8, p: 5 };

export interface KeyFile extends KdfCost {
  /** RFC 3339. */
  readonly created: string;
  readonly username: string;
  readonly hostname: string;
  readonly salt: Uint8Array;
  /** The sealed master key. */
  readonly data: Uint8Array;
}

export function encodeKeyFile(file: KeyFile): Buffer {
  const { created, username, hostname, N, r, p, salt, data } = file;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const json = {
    created,
    username,
    hostname,
    kdf: 'scrypt',
    N,
    r,
    p,
    salt: base64(salt),
    data: base64(data),
  };
  return Buffer.from(JSON.stringify(json));
}

/** Throws a plain error that says what is malformed or too costly. */
export function decodeKeyFile(bytes: Uint8Array): KeyFile {
  if (bytes.length > limits.smallFileBytesMax) throw new Error('it is too large for a key');
  const json = parseObject(Buffer.from(bytes).toString('utf8'));
  if (json.kdf !== 'scrypt') throw new Error('its key derivation is not scrypt');
  const cost = { N: asCount(json.N, 'N'), r: asCount(json.r, 'r'), p: asCount(json.p, 'p') };
  checkCost(cost);
  return {
    ...cost,
    created: asOptionalText(json.created, 'the time') ?? '',
    username: asOptionalText(json.username, 'the user') ?? '',
    hostname: asOptionalText(json.hostname, 'the host') ?? '',
    salt: asBase64(json.salt, 'the salt', saltBytes),
    data: asBase64(json.data, 'the sealed key'),
  };
}

function checkCost({ N, r, p }: KdfCost): void {
  const isPower = N > 1 && Number.isInteger(Math.log2(N));
  if (!isPower || r < 1 || p < 1) throw new Error('its scrypt parameters are not valid');
  if (128 * N * r > limits.kdfMemoryBytesMax || p > limits.kdfParallelMax) {
    throw new Error('its scrypt parameters ask for more memory or time than a real key does');
  }
}

/** Beside the caller's thread, which has other duties. */
async function deriveKey(password: string, salt: Uint8Array, { N, r, p }: KdfCost): Promise<SealKey> {
  const maxmem = 128 * N * r + 128 * r * p + 1024 * 1024;
  // It takes more memory than all that a small command does: what only the start needed makes room.
  unmapOwnProgram();
  const derived = await new Promise<Buffer>((resolve, reject) => {
    scrypt(Buffer.from(password, 'utf8'), salt, 64, { N, r, p, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
    // What the key will be used with is looked for meanwhile.
    sealPrimitives();
  });
  return { encrypt: derived.subarray(0, 32), macK: derived.subarray(32, 48), macR: derived.subarray(48, 64) };
}

/** Seals the master key with a password. */
export async function makeKeyFile(
  master: SealKey,
  password: string,
  who: { created: string; username: string; hostname: string },
  chance: Chance,
  cost: KdfCost = defaultKdfCost,
): Promise<KeyFile> {
  const salt = chance.bytes(saltBytes);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const json = { mac: { k: base64(master.macK), r: base64(master.macR) }, encrypt: base64(master.encrypt) };
  const data = seal(await deriveKey(password, salt, cost), Buffer.from(JSON.stringify(json)), chance);
  return { ...who, ...cost, salt, data };
}

/** The master key, or undefined where the password is not this key's. Takes about half a second. */
export async function openKeyFile(file: KeyFile, password: string): Promise<SealKey | undefined> {
  const plaintext = unseal(await deriveKey(password, file.salt, file), file.data);
  if (plaintext === undefined) return undefined;
  const json = parseObject(plaintext.toString('utf8'));
  const mac = asObject(json.mac, 'the mac key');
  return {
    encrypt: asBase64(json.encrypt, 'the encryption key', 32),
    macK: asBase64(mac.k, 'the mac key k', 16),
    macR: asBase64(mac.r, 'the mac key r', 16),
  };
}
