/**
 * What sealing is made of: AES in counter mode, and Poly1305. Both are OpenSSL's, called straight where this program shows
 * them (`system/linked.ts`): Node's own calls make objects and memory anew for each blob, which costs several times what
 * turning a small one over does. Where it does not, or where they do not know the known answers, they are Node's calls and
 * libsodium's. Used by `seal.ts`.
 */
import { createCipheriv } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { letGo } from '../base/let-go.ts';
import { linkedFunctions } from '../system/linked.ts';
import { nativePart } from '../system/native-part.ts';

/** AES in counter mode: turns `from` over into `to`, which is as long. The key has 16 or 32 bytes, the counter 16. */
export type Turn = (key: Uint8Array, counter: Uint8Array, from: Uint8Array, to: Uint8Array) => void;
/** Writes the 16-byte Poly1305 tag of a message under a one-time key of 32 bytes into `tag`. */
export type MakeTag = (oneTimeKey: Uint8Array, message: Uint8Array, tag: Uint8Array) => void;

export interface SealPrimitives {
  readonly turn: Turn;
  readonly makeTag: MakeTag;
}

let chosen: SealPrimitives | undefined;

/** The same ones for the whole life of a thread. */
export function sealPrimitives(): SealPrimitives {
  chosen ??= {
    turn: whereRight(linkedTurn(), turnsRight) ?? turnWithNode,
    makeTag: whereRight(linkedMakeTag(), tagsRight) ?? makeTagWithSodium(),
  };
  return chosen;
}

function whereRight<Call>(call: Call | undefined, isRight: (call: Call) => boolean): Call | undefined {
  return call !== undefined && isRight(call) ? call : undefined;
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** NIST SP 800-38A, F.5.1 and F.5.5: both keys turn the same text over, from the same counter on. */
const counter = bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
const text = bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
const turned: readonly (readonly [key: string, text: string])[] = [
  ['2b7e151628aed2a6abf7158809cf4f3c', '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff'],
  [
    '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5',
  ],
];

export function turnsRight(turn: Turn): boolean {
  return turned.every(([key, expected]) => {
    const to = Buffer.alloc(text.length);
    turn(bytes(key), counter, text, to);
    return to.equals(bytes(expected));
  });
}

/** RFC 8439, 2.5.2. */
export function tagsRight(makeTag: MakeTag): boolean {
  const key = bytes('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b');
  const tag = Buffer.alloc(16);
  makeTag(key, Buffer.from('Cryptographic Forum Research Group'), tag);
  return tag.equals(bytes('a8061dc1305136c6c22b8baf0c0127a9'));
}

const pieceBytes = 256 * 1024;

/** In pieces, which are short-lived and warm. */
export function turnWithNode(key: Uint8Array, counter: Uint8Array, from: Uint8Array, to: Uint8Array): void {
  const cipher = createCipheriv(`aes-${key.length * 8}-ctr`, key, counter);
  for (let at = 0; at < from.length; at += pieceBytes) {
    const piece = cipher.update(from.subarray(at, at + pieceBytes));
    to.set(piece, at);
    letGo(piece);
  }
}

/** What we use of libsodium. */
interface Sodium {
  crypto_onetimeauth(tag: Uint8Array, message: Uint8Array, key: Uint8Array): unknown;
}

export function makeTagWithSodium(): MakeTag {
  const path = `sodium-native/prebuilds/linux-${process.arch}/sodium-native.node`;
  const sodium = nativePart<Sodium>('sodium-native', path);
  return (oneTimeKey, message, tag) => void sodium.crypto_onetimeauth(tag, message, oneTimeKey);
}

/** An address of OpenSSL's. As a number: for a `void *` that is answered, an object is made and has to be collected. */
const theirs = 'uintptr_t';

/** OpenSSL's context lives as long as one call does: it holds a key. */
export function linkedTurn(): Turn | undefined {
  const openssl = linkedFunctions({
    EVP_CIPHER_fetch: [theirs, 'void *', 'const char *', 'void *'],
    EVP_CIPHER_CTX_new: [theirs],
    EVP_CIPHER_CTX_free: ['void', theirs],
    EVP_EncryptInit_ex: ['int', theirs, theirs, theirs, 'void *', 'void *'],
    EVP_EncryptUpdate: ['int', theirs, 'void *', 'void *', 'void *', 'int'],
  });
  if (openssl === undefined) return undefined;
  const { EVP_CIPHER_CTX_new, EVP_CIPHER_CTX_free, EVP_EncryptInit_ex, EVP_EncryptUpdate } = openssl;
  // Fetched once: a cipher that is only named is looked up each time that it is used.
  const ciphers = new Map<number, unknown>();
  for (const bytes of [16, 32]) {
    const cipher = openssl.EVP_CIPHER_fetch(null, `AES-${bytes * 8}-CTR`, null);
    if (!cipher) return undefined;
    ciphers.set(bytes, cipher);
  }
  const written = new Int32Array(1);
  return (key, counter, from, to) => {
    const cipher = ciphers.get(key.length);
    assert(cipher !== undefined && counter.length === 16, 'a key and a counter are as long as they must be');
    assert(to.length === from.length, 'what is turned over fits its place');
    if (from.length === 0) return;
    const context = EVP_CIPHER_CTX_new();
    assert(Boolean(context), 'OpenSSL has memory for a cipher');
    const isDone =
      EVP_EncryptInit_ex(context, cipher, 0, key, counter) === 1 &&
      EVP_EncryptUpdate(context, to, written, from, from.length) === 1;
    EVP_CIPHER_CTX_free(context);
    assert(isDone && written[0] === from.length, 'OpenSSL turns all of it over');
  };
}

/** The same. */
export function linkedMakeTag(): MakeTag | undefined {
  const openssl = linkedFunctions({
    EVP_MAC_fetch: [theirs, 'void *', 'const char *', 'void *'],
    EVP_MAC_CTX_new: [theirs, theirs],
    EVP_MAC_CTX_free: ['void', theirs],
    EVP_MAC_init: ['int', theirs, 'void *', 'size_t', 'void *'],
    EVP_MAC_update: ['int', theirs, 'void *', 'size_t'],
    EVP_MAC_final: ['int', theirs, 'void *', 'void *', 'size_t'],
  });
  const poly1305 = openssl?.EVP_MAC_fetch(null, 'POLY1305', null);
  if (openssl === undefined || !poly1305) return undefined;
  const { EVP_MAC_CTX_new, EVP_MAC_CTX_free, EVP_MAC_init, EVP_MAC_update, EVP_MAC_final } = openssl;
  const written = new BigUint64Array(1);
  return (oneTimeKey, message, tag) => {
    assert(oneTimeKey.length === 32 && tag.length === 16, 'a key and a tag are as long as they must be');
    const context = EVP_MAC_CTX_new(poly1305);
    assert(Boolean(context), 'OpenSSL has memory for a tag');
    const isDone =
      EVP_MAC_init(context, oneTimeKey, 32, null) === 1 &&
      (message.length === 0 || EVP_MAC_update(context, message, message.length) === 1) &&
      EVP_MAC_final(context, tag, written, 16) === 1;
    EVP_MAC_CTX_free(context);
    assert(isDone && written[0] === 16n, 'OpenSSL makes a tag');
  };
}
