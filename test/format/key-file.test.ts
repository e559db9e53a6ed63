import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeKeyFile,
  defaultKdfCost,
  encodeKeyFile,
  type KdfCost,
  makeKeyFile,
  openKeyFile,
} from '../../engine/format/key-file.ts';
import { makeSealKey } from '../../engine/format/seal.ts';
import { seededChance } from '../support/fixed-world.ts';

const who = { created: '2024-02-29T12:00:00.5+05:45', username: 'häns', hostname: 'h<o>st' };
const cheap: KdfCost = { N: 16, r: 8, p: 1 };
const master = makeSealKey(seededChance('master'));
const made = await makeKeyFile(master, 'Pässwörd', who, seededChance('file'), cheap);
const json = (): Record<string, unknown> => JSON.parse(encodeKeyFile(made).toString());
const decode = (value: unknown): unknown => decodeKeyFile(Buffer.from(JSON.stringify(value)));

describe('a key file', () => {
  it('is opened by its password, and by no other', async () => {
    const file = decodeKeyFile(encodeKeyFile(made));
    expect(file).toEqual({ ...who, ...cheap, salt: Buffer.from(made.salt), data: Buffer.from(made.data) });
    const opened = (await openKeyFile(file, 'Pässwörd'))!;
    expect(Buffer.from(opened.encrypt)).toEqual(Buffer.from(master.encrypt));
    expect(Buffer.from(opened.macK)).toEqual(Buffer.from(master.macK));
    expect(Buffer.from(opened.macR)).toEqual(Buffer.from(master.macR));
    for (const wrong of ['', 'passwort', 'Pässwörd ', 'Passwort'.normalize('NFD'), 'Pa\u0308sswo\u0308rd']) {
      expect(await openKeyFile(file, wrong), wrong).toBeUndefined();
    }
  });

  it('has the fields in the order that restic gives them', () => {
    const fields = ['created', 'username', 'hostname', 'kdf', 'N', 'r', 'p', 'salt', 'data'];
    expect(Object.keys(json())).toEqual(fields);
    expect(json().kdf).toBe('scrypt');
    expect(Buffer.from(json().salt as string, 'base64').length).toBe(64);
  });

  it('comes back whatever the password', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.nat(), async (password, seed) => {
        const file = await makeKeyFile(master, password, who, seededChance(seed), cheap);
        const opened = await openKeyFile(decodeKeyFile(encodeKeyFile(file)), password);
        expect(opened?.encrypt).toEqual(Buffer.from(master.encrypt));
      }),
      { numRuns: 20 },
    );
  });

  it('costs by default what restic would ask, within what we accept', () => {
    const text = JSON.stringify({ ...json(), ...defaultKdfCost });
    expect(decodeKeyFile(Buffer.from(text))).toMatchObject({ N: 32768, r: 8 });
  });
});

describe('a changed key file opens nothing', () => {
  it('any byte of the sealed key', async () => {
    for (let at = 0; at < made.data.length; at++) {
      const data = Buffer.from(made.data);
      data[at]! ^= 0x20;
      expect(await openKeyFile({ ...made, data }, 'Pässwörd'), `byte ${at}`).toBeUndefined();
    }
  });

  it('salt or cost', async () => {
    const salt = Buffer.from(made.salt);
    salt[63]! ^= 1;
    expect(await openKeyFile({ ...made, salt }, 'Pässwörd')).toBeUndefined();
    for (const change of [{ N: 32 }, { r: 9 }, { p: 2 }]) {
      expect(await openKeyFile({ ...made, ...change }, 'Pässwörd')).toBeUndefined();
    }
  });

  it('a sealed key that is too short, down to nothing', async () => {
    for (let length = 0; length < 33; length++) {
      const data = made.data.subarray(0, length);
      expect(await openKeyFile({ ...made, data }, 'Pässwörd'), String(length)).toBeUndefined();
    }
  });
});

describe('hostile key files are refused before anything is paid', () => {
  it('absurd costs', () => {
    const costs = [
      { N: 2 ** 30 },
      { N: 2 ** 52 },
      { N: 1e300 },
      { r: 2 ** 24 },
      { r: 2 ** 52 },
      { p: 17 },
      { p: 2 ** 30 },
      { N: 2 ** 20, r: 8 },
      { N: 2, r: 2 ** 21 },
    ];
    for (const cost of costs) expect(() => decode({ ...json(), ...cost }), JSON.stringify(cost)).toThrow();
  });

  it('costs that scrypt does not know', () => {
    for (const N of [0, 1, 3, 100, 32767, -16, 16.5, '16', null, [16]]) {
      expect(() => decode({ ...json(), N }), String(N)).toThrow();
    }
    for (const bad of [0, -1, 0.5, '8', null]) {
      expect(() => decode({ ...json(), r: bad })).toThrow();
      expect(() => decode({ ...json(), p: bad })).toThrow();
    }
  });

  it('another derivation, a salt of another length, what is not base64', () => {
    for (const kdf of ['argon2id', 'Scrypt', '', null, 1]) expect(() => decode({ ...json(), kdf })).toThrow();
    for (const salt of [
      '',
      'AAAA',
      Buffer.alloc(63).toString('base64'),
      Buffer.alloc(65).toString('base64'),
    ]) {
      expect(() => decode({ ...json(), salt })).toThrow('salt');
    }
    for (const data of [null, undefined, 5, '***', 'AAA', ['AAAA']]) {
      expect(() => decode({ ...json(), data })).toThrow('sealed key');
    }
    for (const field of ['created', 'username', 'hostname']) {
      expect(() => decode({ ...json(), [field]: { length: 5 } }), field).toThrow();
    }
  });

  it('a megabyte, deep nesting, half a file', () => {
    expect(() => decode({ ...json(), username: 'x'.repeat(1024 * 1024) })).toThrow('too large');
    expect(() => decodeKeyFile(Buffer.alloc(1024 * 1024, '['))).toThrow('too large');
    expect(() => decodeKeyFile(Buffer.alloc(60_000, '['))).toThrow();
    const whole = encodeKeyFile(made);
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => decodeKeyFile(whole.subarray(0, length)), String(length)).toThrow();
    }
  });
});
