/**
 * Seals and unseals bytes as restic does: AES-256-CTR, then Poly1305-AES over the ciphertext.
 * A sealed unit is `nonce(16) ‖ ciphertext ‖ mac(16)`. The MAC is checked before anything is decrypted.
 */
import { timingSafeEqual } from 'node:crypto';
import { assert } from '../base/assert.ts';
import type { Chance } from '../base/chance.ts';
import { sealPrimitives } from './seal-primitives.ts';

export const sealOverheadBytes = 32;
const nonceBytes = 16;
const macBytes = 16;
const pieceBytes = 256 * 1024;
const pieceSpace = Buffer.allocUnsafe(pieceBytes);
const expectedMac = Buffer.alloc(macBytes);
const oneTimeKey = Buffer.alloc(2 * macBytes);
const zeroBlock = Buffer.alloc(macBytes);

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
  const macAt = sealed.length - macBytes;
  const ciphertext = sealed.subarray(nonceBytes, macAt);
  sealPrimitives().turn(key.encrypt, nonce, plaintext, ciphertext);
  authenticate(key, nonce, ciphertext, sealed.subarray(macAt));
}

/**
 * The plaintext, or undefined where the bytes are not what was sealed with this key. Who does not keep it may lend a
 * `space` for it.
 */
export function unseal(key: SealKey, sealed: Uint8Array, space?: Buffer): Buffer | undefined {
  const opened = authentic(key, sealed);
  if (opened === undefined) return undefined;
  const { nonce, ciphertext } = opened;
  const { length } = ciphertext;
  const fits = space !== undefined && space.length >= length;
  const plaintext = fits ? space.subarray(0, length) : Buffer.allocUnsafeSlow(length);
  sealPrimitives().turn(key.encrypt, nonce, ciphertext, plaintext);
  return plaintext;
}

/** Whether `unseal` would give these bytes: piece by piece, without having all of them in memory a second time. */
export function unsealsTo(key: SealKey, sealed: Uint8Array, plaintext: Uint8Array): boolean {
  const opened = authentic(key, sealed);
  if (opened === undefined || opened.ciphertext.length !== plaintext.length) return false;
  const { nonce, ciphertext } = opened;
  const { turn } = sealPrimitives();
  for (let at = 0; at < plaintext.length; at += pieceBytes) {
    const expected = plaintext.subarray(at, at + pieceBytes);
    const piece = pieceSpace.subarray(0, expected.length);
    turn(key.encrypt, counterAt(nonce, at), ciphertext.subarray(at, at + pieceBytes), piece);
    if (!piece.equals(expected)) return false;
  }
  return true;
}

/** The parts of what was sealed with this key. */
function authentic(
  key: SealKey,
  sealed: Uint8Array,
): { nonce: Uint8Array; ciphertext: Uint8Array } | undefined {
  if (sealed.length < sealOverheadBytes) return undefined;
  const macAt = sealed.length - macBytes;
  const nonce = sealed.subarray(0, nonceBytes);
  if (isAllZero(nonce)) return undefined;
  const ciphertext = sealed.subarray(nonceBytes, macAt);
  authenticate(key, nonce, ciphertext, expectedMac);
  return timingSafeEqual(expectedMac, sealed.subarray(macAt)) ? { nonce, ciphertext } : undefined;
}

/** Writes Poly1305(ciphertext) under the one-time key `r ‖ AES-128(k, nonce)` into `mac`. */
function authenticate(
  { macK, macR }: SealKey,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  mac: Uint8Array,
): void {
  const { turn, makeTag } = sealPrimitives();
  oneTimeKey.set(macR);
  // In counter mode, zeros become the counter, encrypted.
  turn(macK, nonce, zeroBlock, oneTimeKey.subarray(macBytes));
  makeTag(oneTimeKey, ciphertext, mac);
  oneTimeKey.fill(0);
}

/** The counter of the block that begins at this byte: a number of 128 bits that counts blocks of 16 bytes. */
function counterAt(nonce: Uint8Array, at: number): Uint8Array {
  if (at === 0) return nonce;
  const number = (BigInt(`0x${Buffer.from(nonce).toString('hex')}`) + BigInt(at / 16)) % 2n ** 128n;
  return Buffer.from(number.toString(16).padStart(32, '0'), 'hex');
}

function isAllZero(bytes: Uint8Array): boolean {
  let all = 0;
  for (let i = 0; i < bytes.length; i++) all |= bytes[i]!;
  return all === 0;
}
