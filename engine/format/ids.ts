/**
 * The ids of many contents. SHA-256 of one content is a chain of steps, each of which waits for the one before; OpenSSL has
 * it for eight contents side by side (it is made for TLS), which a processor without instructions for SHA-256 does 3.7 times
 * as fast. It is called straight where this program shows it (`system/linked.ts`), and knows the known answers; else
 * each content is hashed by itself.
 */
import { assert } from '../base/assert.ts';
import { linkedFunctions } from '../system/linked.ts';
import { type Id, idOf } from './id.ts';

/** Fewer are done sooner one after the other. */
const sideBySideMin = 3;

export function idsOf(contents: readonly Uint8Array[]): Id[] {
  const lanes = contents.length < sideBySideMin ? undefined : hashLanes();
  return lanes === undefined ? contents.map(idOf) : lanes.idsOf(contents);
}

/** Looks now for what is native, and not with the first contents. */
export function loadHashLanes(): void {
  hashLanes();
}

let found: { readonly lanes: HashLanes | undefined } | undefined;

function hashLanes(): HashLanes | undefined {
  if (found === undefined) {
    const lanes = openHashLanes();
    found = { lanes: lanes !== undefined && knowsAnswers(lanes) ? lanes : undefined };
  }
  return found.lanes;
}

/**
 * All lengths about the end of a block, empty contents, and such ones that the first lanes are left with nothing to do:
 * OpenSSL has a function of its own for each kind of processor.
 */
function knowsAnswers(lanes: HashLanes): boolean {
  const edges = [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 3, 640];
  const uneven = Array.from({ length: 20 }, (_, i) => (100 * i) % 777);
  return [edges, uneven].every((lengths) => {
    const contents = lengths.map((length) => Buffer.alloc(length, length));
    return lanes.idsOf(contents).every((id, i) => id === idOf(contents[i]!));
  });
}

const laneCount = 8;
const blockBytes = 64;
/** The last bytes of a content, what pads them, and its length. */
const tailBytesMax = 2 * blockBytes;
const paddingBytesMin = 9;
/** FIPS 180-4, 5.3.3. */
const start = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** Words of what the lanes are told: of each, the address (two words) of its bytes, how many blocks, and nothing. */
const wordsOfLane = 4;
const wordBase = 2 ** 32;

/** A content while it is being hashed. */
interface Lane {
  readonly number: number;
  /** Of the next block. */
  address: number;
  blocksLeft: number;
  readonly tailBlocks: number;
  isInTail: boolean;
}

interface Linked {
  readonly hashLanes: (states: Uint32Array, told: Uint32Array, laneGroups: number) => unknown;
  readonly hashOne: (state: Uint32Array, address: bigint, blocks: number) => unknown;
  readonly addressOf: (bytes: Uint8Array) => number;
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
  readonly #linked: Linked;
  /** Word by word, of each word all lanes: where it begins, 32 must divide its address. */
  readonly #states: Uint32Array;
  readonly #told = new Uint32Array(laneCount * wordsOfLane);
  readonly #tails = Buffer.allocUnsafeSlow(laneCount * tailBytesMax);
  readonly #tailsView = viewOf(this.#tails);
  readonly #tailsAddress: number;
  readonly #oneState = new Uint32Array(start.length);
  readonly #digest = Buffer.allocUnsafeSlow(start.length * 4);
  readonly #digestView = viewOf(this.#digest);

  constructor(linked: Linked) {
    this.#linked = linked;
    const room = Buffer.allocUnsafeSlow((start.length * laneCount + laneCount) * 4);
    const at = -linked.addressOf(room) & 31;
    this.#states = new Uint32Array(room.buffer, at, start.length * laneCount);
    this.#tailsAddress = linked.addressOf(this.#tails);
  }

  /** The longest ones begin, so that the lanes are full to the end. */
  idsOf(contents: readonly Uint8Array[]): Id[] {
    const ids: Id[] = new Array<Id>(contents.length);
    const order = [...contents.keys()].sort((a, b) => contents[a]!.length - contents[b]!.length);
    const lanes: (Lane | undefined)[] = new Array<undefined>(laneCount).fill(undefined);
    for (;;) {
      let active = 0;
      for (let i = 0; i < laneCount; i++) {
        const next = lanes[i] === undefined ? order.pop() : undefined;
        if (next !== undefined) lanes[i] = this.#begin(i, next, contents[next]!);
        if (lanes[i] !== undefined) active++;
      }
      if (active === 0) return ids;
      if (active < sideBySideMin) this.#hashEach(lanes);
      else this.#hashTogether(lanes);
      for (let i = 0; i < laneCount; i++) {
        const lane = lanes[i];
        if (lane === undefined || lane.blocksLeft > 0) continue;
        if (this.#goOn(i, lane)) continue;
        ids[lane.number] = this.#digestOf(i);
        lanes[i] = undefined;
      }
    }
  }

  #begin(i: number, number: number, content: Uint8Array): Lane {
    for (let word = 0; word < start.length; word++) this.#states[word * laneCount + i] = start[word]!;
    const rest = content.length % blockBytes;
    const tailBlocks = rest + paddingBytesMin > blockBytes ? 2 : 1;
    const at = i * tailBytesMax;
    const end = at + tailBlocks * blockBytes;
    this.#tails.set(content.subarray(content.length - rest), at);
    this.#tails[at + rest] = 0x80;
    this.#tails.fill(0, at + rest + 1, end);
    const bits = content.length * 8;
    this.#tailsView.setUint32(end - 8, Math.floor(bits / wordBase));
    this.#tailsView.setUint32(end - 4, bits % wordBase);
    const blocksLeft = (content.length - rest) / blockBytes;
    const address = blocksLeft === 0 ? 0 : this.#linked.addressOf(content);
    const lane = { number, address, blocksLeft, tailBlocks, isInTail: false };
    if (blocksLeft === 0) this.#goOn(i, lane);
    return lane;
  }

  /** Whether there is more of the content. */
  #goOn(i: number, lane: Lane): boolean {
    if (lane.isInTail) return false;
    lane.isInTail = true;
    lane.address = this.#tailsAddress + i * tailBytesMax;
    lane.blocksLeft = lane.tailBlocks;
    return true;
  }

  /**
   * As many blocks as all of them have. A lane that has none is told those of another one, and what comes of it is
   * passed over: OpenSSL takes lanes in groups (of two, four or eight, as the processor can), and stops at a group that
   * has nothing to do, without a look at those behind it.
   */
  #hashTogether(lanes: readonly (Lane | undefined)[]): void {
    let least: Lane | undefined;
    for (let i = 0; i < laneCount; i++) {
      const lane = lanes[i];
      if (lane !== undefined && (least === undefined || lane.blocksLeft < least.blocksLeft)) least = lane;
    }
    assert(least !== undefined, 'a lane has something to do');
    const blocks = least.blocksLeft;
    for (let i = 0; i < laneCount; i++) this.#tell(i, (lanes[i] ?? least).address, blocks);
    this.#linked.hashLanes(this.#states, this.#told, laneCount / 4);
    for (let i = 0; i < laneCount; i++) {
      const lane = lanes[i];
      if (lane === undefined) continue;
      lane.address += blocks * blockBytes;
      lane.blocksLeft -= blocks;
    }
  }

  #tell(i: number, address: number, blocks: number): void {
    const at = i * wordsOfLane;
    this.#told[at] = address % wordBase;
    this.#told[at + 1] = Math.floor(address / wordBase);
    this.#told[at + 2] = blocks;
  }

  /** One after the other. */
  #hashEach(lanes: readonly (Lane | undefined)[]): void {
    for (let i = 0; i < laneCount; i++) {
      const lane = lanes[i];
      if (lane === undefined) continue;
      for (let word = 0; word < start.length; word++)
        this.#oneState[word] = this.#states[word * laneCount + i]!;
      this.#linked.hashOne(this.#oneState, BigInt(lane.address), lane.blocksLeft);
      for (let word = 0; word < start.length; word++)
        this.#states[word * laneCount + i] = this.#oneState[word]!;
      lane.blocksLeft = 0;
    }
  }

  #digestOf(i: number): Id {
    for (let word = 0; word < start.length; word++)
      this.#digestView.setUint32(word * 4, this.#states[word * laneCount + i]!);
    return this.#digest.toString('hex');
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
