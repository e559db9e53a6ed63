/**
 * Seals and unseals bytes as restic does: AES-256-CTR, then Poly1305-AES over the ciphertext.
 * A sealed unit is `nonce(16) ‖ ciphertext ‖ mac(16)`. The MAC is checked before anything is decrypted.
 */
import { type Cipheriv, createCipheriv, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { assert } from '../base/assert.ts';
import type { Chance } from '../base/chance.ts';
import { letGo } from '../base/let-go.ts';
import { nativePart } from '../system/native-part.ts';

/** What we use of libsodium. */
interface Sodium {
  /** Writes the 16-byte Poly1305 tag of `message` under the one-time key `r ‖ s` (32 bytes) into `tag`. */
  crypto_onetimeauth(tag: Uint8Array, message: Uint8Array, key: Uint8Array): unknown;
}

const sodium = nativePart<Sodium>(
  'sodium-native',
  `sodium-native/prebuilds/linux-${process.arch}/sodium-native.node`,
);

export const sealOverheadBytes = 32;
const nonceBytes = 16;
const macBytes = 16;
const pieceBytes = 256 * 1024;

/** A repository's master key, or a key derived from a password. */
export interface SealKey {
  /** AES-256 key, 32 bytes. */
  readonly encrypt: Uint8Array;
  /** Poly1305-AES: the AES-128 key, 16 bytes. */
  readonly macK: Uint8Array;
  /** Poly1305-AES: the multiplier, 16 bytes, not yet clamped. */
  readonly macR: Uint8Array;
}

export function makeSealKey(chance: Chance): SealKey {
  return { encrypt: chance.bytes(32), macK: chance.bytes(16), macR: chance.bytes(16) };
}

export function seal(key: SealKey, plaintext: Uint8Array, chance: Chance): Buffer {
  const sealed = Buffer.allocUnsafe(plaintext.length + sealOverheadBytes);
  sealInto(key, plaintext, chance, sealed);
  return sealed;
}

/** The same into a place that has exactly the room for it. */
export function sealInto(key: SealKey, plaintext: Uint8Array, chance: Chance, sealed: Uint8Array): void {
  assert(sealed.length === plaintext.length + sealOverheadBytes, 'what is sealed fits its place');
  const nonce = chance.bytes(nonceBytes);
  assert(!isAllZero(nonce), 'a fresh nonce is not all zero');
  sealed.set(nonce, 0);
  const ciphers = ciphersOf(key);
  eachPiece(ciphers, nonce, plaintext, (ciphertext, at) => {
    sealed.set(ciphertext, nonceBytes + at);
    return true;
  });
  const macAt = sealed.length - macBytes;
  authenticate(ciphers, nonce, sealed.subarray(nonceBytes, macAt), sealed.subarray(macAt));
}

/**
 * The plaintext, or undefined where the bytes are not what was sealed with this key. Who does not keep it may lend a
 * `space` for it.
 */
export function unseal(key: SealKey, sealed: Uint8Array, space?: Buffer): Buffer | undefined {
  const opened = authentic(key, sealed);
  if (opened === undefined) return undefined;
  const { ciphers, nonce, ciphertext } = opened;
  const { length } = ciphertext;
  const fits = space !== undefined && space.length >= length;
  const plaintext = fits ? space.subarray(0, length) : Buffer.allocUnsafeSlow(length);
  eachPiece(ciphers, nonce, ciphertext, (piece, at) => {
    plaintext.set(piece, at);
    return true;
  });
  return plaintext;
}

/** Whether `unseal` would give these bytes: without having all of them in memory a second time. */
export function unsealsTo(key: SealKey, sealed: Uint8Array, plaintext: Uint8Array): boolean {
  const opened = authentic(key, sealed);
  if (opened === undefined || opened.ciphertext.length !== plaintext.length) return false;
  const { ciphers, nonce, ciphertext } = opened;
  return eachPiece(ciphers, nonce, ciphertext, (piece, at) =>
    piece.equals(plaintext.subarray(at, at + piece.length)),
  );
}

/** The parts of what was sealed with this key. */
function authentic(
  key: SealKey,
  sealed: Uint8Array,
): { ciphers: Ciphers; nonce: Uint8Array; ciphertext: Uint8Array } | undefined {
  if (sealed.length < sealOverheadBytes) return undefined;
  const macAt = sealed.length - macBytes;
  const nonce = sealed.subarray(0, nonceBytes);
  if (isAllZero(nonce)) return undefined;
  const ciphertext = sealed.subarray(nonceBytes, macAt);
  const ciphers = ciphersOf(key);
  authenticate(ciphers, nonce, ciphertext, expectedMac);
  if (!timingSafeEqual(expectedMac, sealed.subarray(macAt))) return undefined;
  return { ciphers, nonce, ciphertext };
}

/** Turns bytes over in pieces, which are short-lived and warm, while `visit` says to go on; whether it came to the end. */
function eachPiece(
  { encrypt }: Ciphers,
  nonce: Uint8Array,
  bytes: Uint8Array,
  visit: (piece: Buffer, at: number) => boolean,
): boolean {
  const cipher = createCipheriv('aes-256-ctr', encrypt, nonce);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = cipher.update(bytes.subarray(at, at + pieceBytes));
    const goesOn = visit(piece, at);
    letGo(piece);
    if (!goesOn) return false;
  }
  return true;
}

/** Writes Poly1305(ciphertext) under the one-time key `r ‖ AES-128(k, nonce)` into `mac`. */
function authenticate(ciphers: Ciphers, nonce: Uint8Array, ciphertext: Uint8Array, mac: Uint8Array): void {
  const { oneTimeKey } = ciphers;
  oneTimeKey.set(ciphers.mac.update(nonce), macBytes);
  sodium.crypto_onetimeauth(mac, ciphertext, oneTimeKey);
}

/** Made once for a key: making them costs more than sealing a small blob. */
interface Ciphers {
  readonly encrypt: KeyObject;
  /** AES-128 of single blocks. In this mode no block depends on another, so that one cipher serves for all. */
  readonly mac: Cipheriv;
  /** `r`, and room for what `mac` makes of a nonce. */
  readonly oneTimeKey: Buffer;
}

const ciphersByKey = new WeakMap<SealKey, Ciphers>();
const expectedMac = Buffer.alloc(macBytes);

function ciphersOf(key: SealKey): Ciphers {
  let ciphers = ciphersByKey.get(key);
  if (ciphers === undefined) {
    const macK = createSecretKey(key.macK);
    ciphers = {
      encrypt: createSecretKey(key.encrypt),
      mac: createCipheriv('aes-128-ecb', macK, null).setAutoPadding(false),
      oneTimeKey: Buffer.concat([key.macR, Buffer.alloc(macBytes)]),
    };
    ciphersByKey.set(key, ciphers);
  }
  return ciphers;
}

function isAllZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
