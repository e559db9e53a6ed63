/**
 * SHA-256 of several contents side by side, by a function that OpenSSL has for TLS. It takes lanes in groups (of two, four or
 * eight, as the processor can) and stops at a group that has nothing to do, without a look at those behind it: so whatever
 * is at work is in front.
 */
import { linkedFunctions } from '../system/linked.ts';
import type { Id } from './id.ts';
import { LinkedSum } from './running-sum.ts';
import {
  blockBytes,
  digestOf,
  type HashFunctions,
  padTail,
  startState,
  stateWords,
  tailBytesMax,
  wordBase,
} from './sha256.ts';

const laneCount = 8;
/** OpenSSL is told how many of those there are. */
const laneGroup = 4;
/** For fewer, what is beside is not worth its way in and out. */
const besideBlocksMin = 64;
/** Words of what the lanes are told: of each, the address (two words) of its bytes, how many blocks, and nothing. */
const wordsOfLane = 4;

/** A content while it is being hashed. */
interface Lane {
  readonly number: number;
  /** Where its tail is. */
  readonly tail: number;
  /** Of the next block. */
  address: number;
  blocksLeft: number;
  readonly tailBlocks: number;
  isInTail: boolean;
}

export function openHashLanes(): HashLanes | undefined {
  if (process.arch !== 'x64') return undefined;
  const linked = linkedFunctions({
    sha256_multi_block: ['void', 'void *', 'void *', 'int'],
    sha256_block_data_order: ['void', 'void *', 'uintptr_t', 'size_t'],
    // It answers where its first parameter points to.
    memmove: ['uintptr_t', 'void *', 'void *', 'size_t'],
  });
  if (linked === undefined) return undefined;
  return new HashLanes({
    hashLanes: linked.sha256_multi_block,
    hashOne: linked.sha256_block_data_order,
    addressOf: (bytes) => Number(linked.memmove(bytes, bytes, 0)),
  });
}

export class HashLanes {
  readonly #linked: HashFunctions;
  /** Word by word, of each word all lanes: where it begins, 32 must divide its address. */
  readonly #states: Uint32Array;
  readonly #told = new Uint32Array(laneCount * wordsOfLane);
  readonly #tails = Buffer.alloc(laneCount * tailBytesMax);
  readonly #tailsAddress: number;
  readonly #oneState = new Uint32Array(stateWords);
  /** Two cost as much as one, and four twice as much; else four cost as much as one. */
  readonly #takesPairs: boolean;

  constructor(linked: HashFunctions) {
    this.#linked = linked;
    const room = Buffer.alloc((stateWords * laneCount + laneCount) * 4);
    const at = -linked.addressOf(room) & 31;
    this.#states = new Uint32Array(room.buffer, room.byteOffset + at, stateWords * laneCount);
    this.#tailsAddress = linked.addressOf(this.#tails);
    this.#takesPairs = this.#stopsAtIdlePair();
  }

  openSum(): LinkedSum {
    return new LinkedSum(this.#linked);
  }

  /** The longest ones begin, so that the lanes are full to the end; `beside` is taken further where it costs nothing. */
  idsOf(contents: readonly Uint8Array[], beside?: LinkedSum): Id[] {
    const ids: Id[] = new Array<Id>(contents.length);
    const order = [...contents.keys()].sort((a, b) => contents[a]!.length - contents[b]!.length);
    const lanes: Lane[] = [];
    const tails = [7, 6, 5, 4, 3, 2, 1, 0];
    for (;;) {
      while (lanes.length < laneCount && order.length > 0) {
        const next = order.pop()!;
        this.#writeState(lanes.length, startState);
        lanes.push(this.#begin(tails.pop()!, next, contents[next]!));
      }
      if (lanes.length === 0) return ids;
      this.#hash(lanes, beside);
      for (let i = lanes.length - 1; i >= 0; i--) {
        const lane = lanes[i]!;
        if (lane.blocksLeft > 0 || this.#goOn(lane)) continue;
        this.#readState(i, this.#oneState);
        ids[lane.number] = digestOf(this.#oneState);
        tails.push(lane.tail);
        this.#putLast(lanes, i);
      }
    }
  }

  #begin(tail: number, number: number, content: Uint8Array): Lane {
    const rest = content.length % blockBytes;
    this.#tails.set(content.subarray(content.length - rest), tail * tailBytesMax);
    const tailBlocks = padTail(this.#tails, tail * tailBytesMax, rest, content.length);
    const blocksLeft = (content.length - rest) / blockBytes;
    const address = blocksLeft === 0 ? 0 : this.#linked.addressOf(content);
    const lane = { number, tail, address, blocksLeft, tailBlocks, isInTail: false };
    if (blocksLeft === 0) this.#goOn(lane);
    return lane;
  }

  /** Whether there is more of the content. */
  #goOn(lane: Lane): boolean {
    if (lane.isInTail) return false;
    lane.isInTail = true;
    lane.address = this.#tailsAddress + lane.tail * tailBytesMax;
    lane.blocksLeft = lane.tailBlocks;
    return true;
  }

  /** The last one takes the place of one that is done. */
  #putLast(lanes: Lane[], i: number): void {
    const last = lanes.pop()!;
    const from = lanes.length;
    if (from === i) return;
    lanes[i] = last;
    this.#readState(from, this.#oneState);
    this.#writeState(i, this.#oneState);
  }

  #hash(lanes: readonly Lane[], beside: LinkedSum | undefined): void {
    let blocks = Number.POSITIVE_INFINITY;
    for (const lane of lanes) blocks = Math.min(blocks, lane.blocksLeft);
    const isWorthIt = Math.min(blocks, beside?.blocksLeft ?? 0) >= besideBlocksMin;
    const joining = isWorthIt && this.#isFreeBeside(lanes.length) ? beside : undefined;
    const count = lanes.length + (joining === undefined ? 0 : 1);
    // Fewer are done sooner one after the other.
    if (count < (this.#takesPairs ? 2 : 3)) this.#hashEach(lanes);
    else this.#hashTogether(lanes, Math.min(blocks, joining?.blocksLeft ?? blocks), joining);
  }

  #isFreeBeside(count: number): boolean {
    return this.#takesPairs ? count % 2 === 1 : count >= 2 && count % laneGroup > 0;
  }

  /** So many blocks of each. */
  #hashTogether(lanes: readonly Lane[], blocks: number, beside: LinkedSum | undefined): void {
    let count = 0;
    for (const lane of lanes) this.#tell(count++, lane.address, blocks);
    if (beside !== undefined) {
      this.#writeState(count, beside.state);
      this.#tell(count++, beside.address, blocks);
    }
    const besideAt = count - 1;
    // What comes of it is passed over.
    if (count % 2 === 1) this.#tell(count++, lanes[0]!.address, blocks);
    for (let i = count; i < laneCount; i++) this.#tell(i, this.#tailsAddress, 0);
    this.#linked.hashLanes(this.#states, this.#told, Math.ceil(count / laneGroup));
    for (const lane of lanes) goOver(lane, blocks);
    if (beside === undefined) return;
    this.#readState(besideAt, beside.state);
    goOver(beside, blocks);
  }

  #tell(i: number, address: number, blocks: number): void {
    const at = i * wordsOfLane;
    this.#told[at] = address % wordBase;
    this.#told[at + 1] = Math.floor(address / wordBase);
    this.#told[at + 2] = blocks;
  }

  /** One after the other. */
  #hashEach(lanes: readonly Lane[]): void {
    for (const [i, lane] of lanes.entries()) {
      this.#readState(i, this.#oneState);
      this.#linked.hashOne(this.#oneState, BigInt(lane.address), lane.blocksLeft);
      this.#writeState(i, this.#oneState);
      goOver(lane, lane.blocksLeft);
    }
  }

  #readState(i: number, state: Uint32Array): void {
    for (let word = 0; word < stateWords; word++) state[word] = this.#states[word * laneCount + i]!;
  }

  #writeState(i: number, state: ArrayLike<number>): void {
    for (let word = 0; word < stateWords; word++) this.#states[word * laneCount + i] = state[word]!;
  }

  /** So it is with instructions for SHA-256. */
  #stopsAtIdlePair(): boolean {
    for (let i = 0; i < laneGroup; i++) this.#tell(i, this.#tailsAddress, i < 2 ? 0 : 1);
    this.#writeState(2, startState);
    this.#linked.hashLanes(this.#states, this.#told, 1);
    this.#readState(2, this.#oneState);
    return this.#oneState.every((word, i) => word === startState[i]);
  }
}

function goOver(lane: { address: number; blocksLeft: number }, blocks: number): void {
  lane.address += blocks * blockBytes;
  lane.blocksLeft -= blocks;
}
