import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSealKey, type SealKey, seal, sealOverheadBytes, unseal } from '../../engine/format/seal.ts';
import { seededChance } from '../support/fixed-world.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Bernstein's own vectors, from "The Poly1305-AES message-authentication code", appendix B: m, r, k, n, mac. */
const poly1305Aes: [string, string, string, string, string][] = [
  [
    'f3f6',
    '851fc40c3467ac0be05cc20404f3f700',
    'ec074c835580741701425b623235add6',
    'fb447350c4e868c52ac3275cf9d4327e',
    'f4c633c3044fc145f84f335cb81953de',
  ],
  [
    '',
    'a0f3080000f46400d0c7e9076c834403',
    '75deaa25c09f208e1dc4ce6b5cad3fbf',
    '61ee09218d29b0aaed7e154a2c5509cc',
    'dd3fab2251f11ac759f0887129cc2ee7',
  ],
  [
    '663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136',
    '48443d0bb0d21109c89a100b5ce2c208',
    '6acb5f61a7176dd320c5c1eb2edcdc74',
    'ae212a55399729595dea458bc621ff0e',
    '0ee1c16bb73f0f4fd19881753c01cdbe',
  ],
  [
    'ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0990c62e48b8018b2c3e4a0fa3134cb67fa83e158c994d961c4cb21095c1bf9',
    '12976a08c4426d0ce8a82407c4f48207',
    'e1a5668a4d5b66a5f68cc5424ed5982d',
    '9ae831e743978d3a23527c7128149e3a',
    '5154ad0d2cb26e01274fc51148491f1b',
  ],
];

/** AES-256-CTR, NIST SP 800-38A, F.5.5. */
const nist = {
  key: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
  counter: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
  plaintext:
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  ciphertext:
    '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
};

const key = makeSealKey(seededChance('key'));

describe('known answers', () => {
  it.each(poly1305Aes)('Poly1305-AES of %s', (message, r, k, nonce, mac) => {
    const known: SealKey = { encrypt: hex(nist.key), macK: hex(k), macR: hex(r) };
    const plaintext = unseal(known, hex(nonce + message + mac));
    const expected = createCipheriv('aes-256-ctr', hex(nist.key), hex(nonce)).update(hex(message));
    expect(plaintext).toEqual(expected);
    const wrong = hex(nonce + message + mac);
    wrong[wrong.length - 1]! ^= 1;
    expect(unseal(known, wrong)).toBeUndefined();
  });

  it('AES-256-CTR as NIST gives it, the nonce first and 16 bytes of MAC last', () => {
    const known: SealKey = { ...key, encrypt: hex(nist.key) };
    const sealed = seal(known, hex(nist.plaintext), { bytes: () => hex(nist.counter) });
    expect(sealed.toString('hex', 0, sealed.length - 16)).toBe(nist.counter + nist.ciphertext);
  });

  it('ignores the bits of r that Poly1305 clamps, as restic, which stores r unclamped', () => {
    const unclamped = { ...key, macR: Buffer.alloc(16, 0xff) };
    const clamped = { ...key, macR: hex('ffffff0ffcffff0ffcffff0ffcffff0f') };
    expect(unseal(clamped, seal(unclamped, Buffer.from('x'), seededChance(1)))).toEqual(Buffer.from('x'));
  });
});

describe('properties', () => {
  const plaintext = fc.uint8Array({ maxLength: 300 });
  const zeroR: SealKey = { ...key, macR: Buffer.alloc(16) };

  it('what is sealed comes back, 32 bytes longer in between', () => {
    fc.assert(
      fc.property(plaintext, fc.nat(), (bytes, seed) => {
        const sealed = seal(key, bytes, seededChance(seed));
        expect(sealed.length).toBe(bytes.length + sealOverheadBytes);
        expect(unseal(key, sealed)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("is what node's own ciphers make, of every length, wherever the counter overflows, one after the other", () => {
    const nonce = fc.tuple(fc.constantFrom(0, 4, 8, 12, 15), fc.uint8Array({ minLength: 16, maxLength: 16 }));
    fc.assert(
      fc.property(plaintext, nonce, (bytes, [from, random]) => {
        const counter = Buffer.from(random).fill(0xff, from);
        // With r = 0 the MAC is AES-128(k, nonce), whatever the message.
        const sealed = seal({ ...zeroR }, bytes, { bytes: () => counter });
        expect(seal(zeroR, bytes, { bytes: () => counter })).toEqual(sealed);
        const ciphertext = createCipheriv('aes-256-ctr', key.encrypt, counter).update(bytes);
        const mac = createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false).update(counter);
        expect(sealed).toEqual(Buffer.concat([counter, ciphertext, mac]));
      }),
    );
  });

  it('a changed byte anywhere is noticed', () => {
    const sealed = seal(key, Buffer.from('nonce, ciphertext and MAC: each byte counts'), seededChance(2));
    for (let at = 0; at < sealed.length; at++) {
      for (const bit of [0x01, 0x80]) {
        const changed = Buffer.from(sealed);
        changed[at]! ^= bit;
        expect(unseal(key, changed), `byte ${at}`).toBeUndefined();
      }
    }
  });

  it('a changed byte, a lost byte or one too many is noticed, whatever was sealed', () => {
    fc.assert(
      fc.property(plaintext, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, where, flip) => {
        const sealed = seal(key, bytes, seededChance(where));
        const changed = Buffer.from(sealed);
        changed[where % sealed.length]! ^= flip;
        expect(unseal(key, changed)).toBeUndefined();
        expect(unseal(key, sealed.subarray(0, -1))).toBeUndefined();
        expect(unseal(key, sealed.subarray(1))).toBeUndefined();
        expect(unseal(key, Buffer.concat([sealed, Buffer.of(flip)]))).toBeUndefined();
      }),
    );
  });

  it('another key opens nothing, whichever of its MAC parts differs', () => {
    const sealed = seal(key, Buffer.from('secret'), seededChance(3));
    const other = makeSealKey(seededChance('other'));
    expect(unseal(other, sealed)).toBeUndefined();
    expect(unseal({ ...key, macK: other.macK }, sealed)).toBeUndefined();
    expect(unseal({ ...key, macR: other.macR }, sealed)).toBeUndefined();
  });
});

describe('refusals', () => {
  it('too short for nonce and MAC', () => {
    for (const length of [0, 16, 31]) expect(unseal(key, Buffer.alloc(length, 1))).toBeUndefined();
  });

  it('a nonce of zeros, even with a MAC that is right', () => {
    const known: SealKey = { ...key, macR: Buffer.alloc(16) };
    // With r = 0 the MAC is AES-128(k, nonce), whatever the message.
    const mac = createCipheriv('aes-128-ecb', known.macK, null)
      .setAutoPadding(false)
      .update(Buffer.alloc(16));
    expect(unseal(known, Buffer.concat([Buffer.alloc(16), mac]))).toBeUndefined();
    expect(() => seal(key, Buffer.of(1), { bytes: (count) => new Uint8Array(count) })).toThrow('nonce');
  });
});
