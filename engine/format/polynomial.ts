/**
 * Polynomials over GF(2), as bit strings in a bigint: what the chunker's fingerprint is made of. Only set-up
 * work happens here; the scan itself uses tables.
 */
import type { Chance } from '../base/chance.ts';

export const polynomialDegree = 53;
const triesMax = 1_000_000;

export function degreeOf(polynomial: bigint): number {
  return polynomial === 0n ? -1 : polynomial.toString(2).length - 1;
}

/** Remainder of a division. */
export function modulo(dividend: bigint, divisor: bigint): bigint {
  const divisorDegree = degreeOf(divisor);
  let rest = dividend;
  for (let degree = degreeOf(rest); degree >= divisorDegree; degree = degreeOf(rest)) {
    rest ^= divisor << BigInt(degree - divisorDegree);
  }
  return rest;
}

function multiplyModulo(a: bigint, b: bigint, divisor: bigint): bigint {
  let product = 0n;
  for (let factor = b, shifted = a; factor > 0n; factor >>= 1n, shifted <<= 1n) {
    if (factor & 1n) product ^= shifted;
  }
  return modulo(product, divisor);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, modulo(x, y)];
  return x;
}

/** A repository's config is read often, and the test takes milliseconds: the last one that passed need not pass again. */
let lastIrreducible: bigint | undefined;

/** Ben-Or's test: no factor of a degree up to half of the polynomial's own. */
export function isIrreducible(polynomial: bigint): boolean {
  if (polynomial === lastIrreducible) return true;
  const degree = degreeOf(polynomial);
  if (degree < 1) return false;
  let power = 2n;
  for (let i = 1; i <= degree >> 1; i++) {
    power = multiplyModulo(power, power, polynomial);
    if (greatestCommonDivisor(polynomial, modulo(power ^ 2n, polynomial)) !== 1n) return false;
  }
  lastIrreducible = polynomial;
  return true;
}

/** A random irreducible polynomial of restic's degree. */
export function makePolynomial(chance: Chance): bigint {
  const mask = (1n << BigInt(polynomialDegree + 1)) - 1n;
  const fixed = (1n << BigInt(polynomialDegree)) | 1n;
  for (let i = 0; i < triesMax; i++) {
    const bytes = chance.bytes(8);
    const random = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
    const candidate = (random & mask) | fixed;
    if (isIrreducible(candidate)) return candidate;
  }
  throw new Error('no irreducible polynomial was found: the source of randomness is broken');
}
