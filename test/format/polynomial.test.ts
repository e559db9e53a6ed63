import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { degreeOf, isIrreducible, makePolynomial, modulo } from '../../engine/format/polynomial.ts';
import { seededChance } from '../support/fixed-world.ts';

const known = [0x3da3358b4dc173n, 0x39c625e60feb01n];

/** Product over GF(2), in a way of its own. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 0n; b >> bit; bit++) if ((b >> bit) & 1n) product ^= a << bit;
  return product;
}

const polynomial = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const divisor = fc.bigInt({ min: 2n, max: (1n << 54n) - 1n });

describe('arithmetic', () => {
  it('knows degrees', () => {
    expect([0n, 1n, 2n, 3n, 1n << 53n].map(degreeOf)).toEqual([-1, 0, 1, 1, 53]);
  });

  it('a remainder is smaller than the divisor, and what it lacks is a multiple', () => {
    fc.assert(
      fc.property(polynomial, divisor, divisor, (rest, by, factor) => {
        const small = modulo(rest, by);
        expect(degreeOf(small)).toBeLessThan(degreeOf(by));
        expect(modulo(multiply(by, factor) ^ small, by)).toBe(small);
      }),
    );
  });
});

describe('irreducibility', () => {
  it('accepts the polynomials of real repositories', () => {
    for (const p of known) expect(isIrreducible(p)).toBe(true);
  });

  it('agrees with trial division on every polynomial up to degree 9', () => {
    const hasDivisor = (p: bigint): boolean => {
      for (let by = 2n; degreeOf(by) * 2 <= degreeOf(p); by++) if (modulo(p, by) === 0n) return true;
      return false;
    };
    for (let p = 2n; p < 1n << 10n; p++) expect(isIrreducible(p), p.toString(2)).toBe(!hasDivisor(p));
  });

  it('refuses constants and every product', () => {
    expect(isIrreducible(0n)).toBe(false);
    expect(isIrreducible(1n)).toBe(false);
    fc.assert(
      fc.property(divisor, divisor, (a, b) => {
        expect(isIrreducible(multiply(a, b))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a new one', () => {
  it('is irreducible, of degree 53, and differs with chance', () => {
    const made = [1, 2, 3].map((seed) => makePolynomial(seededChance(seed)));
    for (const p of made) {
      expect(degreeOf(p)).toBe(53);
      expect(p & 1n).toBe(1n);
      expect(isIrreducible(p)).toBe(true);
    }
    expect(new Set(made).size).toBe(3);
    expect(makePolynomial(seededChance(1))).toBe(made[0]);
  });
});
