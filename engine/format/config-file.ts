/** A repository's `config`: its format version, its id and its chunker's polynomial. Never compressed. */
import type { Chance } from '../base/chance.ts';
import { Failure } from '../base/failure.ts';
import { type Id, isId } from './id.ts';
import { asCount, parseObject } from './json.ts';
import { degreeOf, isIrreducible, makePolynomial, polynomialDegree } from './polynomial.ts';

export type RepositoryVersion = 1 | 2;

export interface RepositoryConfig {
  readonly version: RepositoryVersion;
  /** 64 random hex digits; not a hash of anything. */
  readonly id: Id;
  readonly chunkerPolynomial: bigint;
}

export function makeConfig(version: RepositoryVersion, chance: Chance): RepositoryConfig {
  const id = Buffer.from(chance.bytes(32)).toString('hex');
  return { version, id, chunkerPolynomial: makePolynomial(chance) };
}

export function encodeConfig(config: RepositoryConfig): Buffer {
  const { version, id, chunkerPolynomial } = config;
  return Buffer.from(JSON.stringify({ version, id, chunker_polynomial: chunkerPolynomial.toString(16) }));
}

/** Throws a plain error for what is malformed, `repository-unsupported` for a version we do not know. */
export function decodeConfig(plaintext: Uint8Array): RepositoryConfig {
  const {
    version,
    id,
    chunker_polynomial: polynomial,
  } = parseObject(Buffer.from(plaintext).toString('utf8'));
  const known = asCount(version, 'the version');
  if (known !== 1 && known !== 2) throw new Failure('repository-unsupported', { version: known });
  if (!isId(id)) throw new Error('the repository id is not 64 hex digits');
  if (typeof polynomial !== 'string' || !/^[0-9a-f]{1,16}$/.test(polynomial)) {
    throw new Error('the chunker polynomial is not a hex number');
  }
  const chunkerPolynomial = BigInt(`0x${polynomial}`);
  if (degreeOf(chunkerPolynomial) !== polynomialDegree || !isIrreducible(chunkerPolynomial)) {
    throw new Error('the chunker polynomial is not an irreducible one of its degree');
  }
  return { version: known, id, chunkerPolynomial };
}
