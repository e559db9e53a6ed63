import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../engine/base/failure.ts';
import { decodeConfig, encodeConfig, makeConfig } from '../../engine/format/config-file.ts';
import { isIrreducible } from '../../engine/format/polynomial.ts';
import { seededChance } from '../support/fixed-world.ts';

const id = '5956a3f67a6230d4a92cefb29529f10196c7d92582ec305fd71ff6d331d6271b';
const polynomial = '3da3358b4dc173';
const plaintext = `{"version":2,"id":"${id}","chunker_polynomial":"${polynomial}"}`;
const decode = (text: string): unknown => decodeConfig(Buffer.from(text));

describe('config', () => {
  it('is read and written as restic does', () => {
    const config = decodeConfig(Buffer.from(plaintext));
    expect(config).toEqual({ version: 2, id, chunkerPolynomial: 0x3da3358b4dc173n });
    expect(encodeConfig(config).toString()).toBe(plaintext);
  });

  it('a new one comes back, valid', () => {
    const byVersion = fc.constantFrom<1 | 2>(1, 2);
    fc.assert(
      fc.property(byVersion, fc.nat(), (version, seed) => {
        const config = makeConfig(version, seededChance(seed));
        expect(isIrreducible(config.chunkerPolynomial)).toBe(true);
        expect(decodeConfig(encodeConfig(config))).toEqual(config);
      }),
      { numRuns: 10 },
    );
  });

  it('ignores what it does not know', () => {
    expect(decode(plaintext.replace('{', '{"later":[1],'))).toEqual(decode(plaintext));
  });

  it('of an unknown version is a failure that says so', () => {
    for (const version of [0, 3, 4_000_000]) {
      try {
        decode(plaintext.replace('"version":2', `"version":${version}`));
        expect.unreachable();
      } catch (error) {
        expect(isFailure(error, 'repository-unsupported'), String(error)).toBe(true);
        expect((error as { detail?: unknown }).detail).toEqual({ version });
      }
    }
  });

  it('whose version is no number is malformed', () => {
    for (const version of ['"2"', '-1', '1.5', 'null', '[2]', '{"toString":1}', '1e400']) {
      const text = plaintext.replace('"version":2', `"version":${version}`);
      expect(() => decode(text), version).toThrow('the version');
    }
    expect(() => decode(plaintext.replace('"version":2,', ''))).toThrow('the version');
  });

  it('with a wrong polynomial is refused', () => {
    const wrong = {
      reducible: (0x3da3358b4dc173n ^ 2n).toString(16),
      even: '3da3358b4dc172',
      zero: '0',
      one: '1',
      'irreducible, of another degree': '7',
      'irreducible, of a degree too high': (2n ** 63n + 3n).toString(16),
      'more than 64 bits': `1${polynomial}000`,
      empty: '',
      prefixed: `0x${polynomial}`,
      upper: polynomial.toUpperCase(),
      negative: `-${polynomial}`,
      words: 'twelve',
    };
    expect(isIrreducible(2n ** 63n + 3n)).toBe(true);
    for (const [why, bits] of Object.entries(wrong)) {
      expect(() => decode(plaintext.replace(polynomial, bits)), why).toThrow('polynomial');
    }
    expect(() => decode(plaintext.replace(`"${polynomial}"`, '17345'))).toThrow('polynomial');
  });

  it('with a wrong id, or no JSON at all, is refused', () => {
    for (const other of ['', id.slice(1), `${id}0`, id.toUpperCase(), '../../etc/passwd']) {
      expect(() => decode(plaintext.replace(id, other)), other).toThrow('the repository id');
    }
    expect(() => decode(plaintext.replace(`"${id}"`, '5'))).toThrow('the repository id');
    for (const text of ['', 'null', '[]', '"x"', plaintext.slice(0, -1), '['.repeat(100_000)]) {
      expect(() => decode(text)).toThrow();
    }
  });
});
