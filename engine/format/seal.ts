/**
 * Seals and unseals bytes as restic does: AES-256-CTR, then Poly1305-AES over the ciphertext.
 * A sealed unit is `nonce(16) ‖ ciphertext ‖ mac(16)`. The MAC is checked before anything is decrypted.
 */
import { createCipheriv, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import sodium from 'sodium-native';
import { assert } from '../base/assert.ts';
import type { Chance } from '../base/chance.ts';

export const sealOverheadBytes = 32;
const nonceBytes = 16;
const macBytes = 16;

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
  const nonce = chance.bytes(nonceBytes);
  assert(!isAllZero(nonce), 'a fresh nonce is not all zero');
  sealed.set(nonce, 0);
  sealed.set(createCipheriv('aes-256-ctr', ciphersOf(key).encrypt, nonce).update(plaintext), nonceBytes);
  const macAt = sealed.length - macBytes;
  authenticate(key, nonce, sealed.subarray(nonceBytes, macAt), sealed.subarray(macAt));
  return sealed;
}

/** The plaintext, or undefined where the bytes are not what was sealed with this key. */
export function unseal(key: SealKey, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < sealOverheadBytes) return undefined;
  const macAt = sealed.length - macBytes;
  const nonce = sealed.subarray(0, nonceBytes);
  if (isAllZero(nonce)) return undefined;
  const ciphertext = sealed.subarray(nonceBytes, macAt);
  const mac = Buffer.allocUnsafe(macBytes);
  authenticate(key, nonce, ciphertext, mac);
  if (!timingSafeEqual(mac, sealed.subarray(macAt))) return undefined;
  return createCipheriv('aes-256-ctr', ciphersOf(key).encrypt, nonce).update(ciphertext);
}

/** Writes Poly1305(ciphertext) under the one-time key `r ‖ AES-128(k, nonce)` into `mac`. */
function authenticate(key: SealKey, nonce: Uint8Array, ciphertext: Uint8Array, mac: Uint8Array): void {
  const oneTimeKey = Buffer.allocUnsafe(32);
  oneTimeKey.set(key.macR, 0);
  oneTimeKey.set(
    createCipheriv('aes-128-ecb', ciphersOf(key).macK, null).setAutoPadding(false).update(nonce),
    16,
  );
  sodium.crypto_onetimeauth(mac, ciphertext, oneTimeKey);
}

/** Making a cipher from bytes costs more than sealing a small blob: its keys are made once. */
const cipherKeys = new WeakMap<SealKey, { encrypt: KeyObject; macK: KeyObject }>();

function ciphersOf(key: SealKey): { encrypt: KeyObject; macK: KeyObject } {
  let ciphers = cipherKeys.get(key);
  if (ciphers === undefined) {
    ciphers = { encrypt: createSecretKey(key.encrypt), macK: createSecretKey(key.macK) };
    cipherKeys.set(key, ciphers);
  }
  return ciphers;
}

function isAllZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
