/** The parts of SHA-256 (FIPS 180-4) that are ours where OpenSSL's functions for whole blocks are called straight. */
import type { Id } from './id.ts';

export const blockBytes = 64;
/** The last bytes of a content, what pads them, and its length. */
export const tailBytesMax = 2 * blockBytes;
const paddingBytesMin = 9;
/** 5.3.3. */
export const startState = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
export const stateWords = startState.length;
export const wordBase = 2 ** 32;

/** OpenSSL's. */
export interface HashFunctions {
  /** Eight states, word by word; of each lane where its blocks are and how many. */
  readonly hashLanes: (states: Uint32Array, told: Uint32Array, laneGroups: number) => unknown;
  readonly hashOne: (state: Uint32Array, address: bigint, blocks: number) => unknown;
  readonly addressOf: (bytes: Uint8Array) => number;
}

/** Pads what is left of a content of so many bytes: `restBytes` at `at`, less than a block. Answers how many blocks it is then. */
export function padTail(tail: Buffer, at: number, restBytes: number, contentBytes: number): number {
  const blocks = restBytes + paddingBytesMin > blockBytes ? 2 : 1;
  const end = at + blocks * blockBytes;
  tail[at + restBytes] = 0x80;
  tail.fill(0, at + restBytes + 1, end);
  const bits = contentBytes * 8;
  tail.writeUInt32BE(Math.floor(bits / wordBase), end - 8);
  tail.writeUInt32BE(bits % wordBase, end - 4);
  return blocks;
}

const digest = Buffer.allocUnsafeSlow(stateWords * 4);

export function digestOf(state: Uint32Array): Id {
  for (let word = 0; word < stateWords; word++) digest.writeUInt32BE(state[word]!, word * 4);
  return digest.toString('hex');
}
