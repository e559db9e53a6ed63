/** Every tunable number of the engine, its unit last in its name; relations between them are checked below. */
import { assert } from './assert.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** restic's chunker: cut at a fingerprint, never below the least, always at the most. */
  chunkBytesMin: 512 * KiB,
  chunkBytesMax: 8 * MiB,
  chunkWindowBytes: 64,
  chunkSplitMask: 0xfffff,
  /** How much of a file is read at a time. */
  readBytes: 1 * MiB,

  /** A pack is closed when its blobs reach this size (restic's default target). */
  packBytesTarget: 16 * MiB,
  packBytesTargetMin: 4 * MiB,
  packBytesTargetMax: 128 * MiB,
  packHeaderBytesMax: 16 * MiB,
  /** How far the last blob may carry a pack over that: what does not fit begins a new one. */
  packBytesOver: 2 * MiB,
  /** Packs that may wait for their upload before reading the sources pauses. */
  packsInFlightMax: 3,

  /** An open index is written when it has so many blobs or is so old. */
  indexBlobsMax: 50_000,
  indexAgeMsMax: 5 * 60_000,

  /** A blob table has room for so many more blobs at a time, and addresses for so many in all. */
  blobTableStep: 16_384,
  blobsMax: 4_096 * 16_384,

  /** Reading a pack: gaps up to this are read over rather than asked for apart, pieces are at most so large. */
  readGapBytesMax: 1 * MiB,
  readPieceBytesMax: 32 * MiB,

  /** What decompression may yield, by kind of file: more is a bomb, not a backup. */
  smallFileBytesMax: 64 * KiB,
  snapshotBytesMax: 16 * MiB,
  indexBytesMax: 512 * MiB,
  dataBlobBytesMax: 16 * MiB,
  treeBlobBytesMax: 512 * MiB,
  /** No real tree shrinks more: a sparse file is one id over and over, 128 KiB of which take a dozen bytes. */
  treeRatioMax: 16_000,

  /** A key file's scrypt cost, which is paid before anything is authenticated. */
  kdfMemoryBytesMax: 256 * MiB,
  kdfParallelMax: 16,
  keysTriedMax: 20,

  /** restic's lock rules. */
  lockSettleMs: 200,
  lockPollMs: 1_000,
  lockRefreshMs: 5 * 60_000,
  lockStaleMs: 30 * 60_000,
  lockRefreshGiveUpMs: 22.5 * 60_000,
  lockRereadWaitsMs: [5_000, 10_000, 20_000],

  /** The longest file name that any supported file system takes. */
  nameBytesMax: 255,
  /** A tree deeper than this is refused: paths of that depth cannot exist on any supported system. */
  treeDepthMax: 4_096,
  /** How long synchronous work may keep the event loop from timers and signals. */
  turnMsMax: 25,
  /** The same for a walk that keeps threads busy: they should not wait for it. */
  walkTurnMsMax: 5,
  /** Small files go to a thread in batches of so many, or so many bytes. */
  batchFilesMax: 64,
  batchBytesMax: 1 * MiB,
  /** How far the walk may be ahead of what is stored. */
  filesAheadMax: 1_024,
  treesAheadMax: 512,
  treeBytesAheadMax: 16 * MiB,
  /** Room for blobs in a fresh table of claims: a power of two. */
  claimsStart: 4_096,
  /** What a thread is given of a pack at a time when files are restored. */
  restorePieceBytesMax: 2 * MiB,
  /** A pack is proven in pieces of so many bytes; each thread has up to three of them. */
  provePieceBytesMax: 2 * MiB,
  /** What a compute thread may use for objects; what it reads and packs lies outside of that. */
  threadYoungHeapMiB: 4,
  threadOldHeapMiB: 96,
  progressEveryMs: 100,
} as const;

assert(limits.chunkBytesMin < limits.chunkBytesMax, 'a chunk has room between its limits');
assert(limits.chunkBytesMax <= limits.dataBlobBytesMax, 'every chunk that we write can be read');
assert(limits.packBytesTargetMin <= limits.packBytesTarget, 'the default pack size is allowed');
assert(limits.packBytesTarget <= limits.packBytesTargetMax, 'the default pack size is allowed');
assert(limits.lockRefreshMs < limits.lockRefreshGiveUpMs, 'a lock is refreshed before it is given up');
assert(limits.lockRefreshGiveUpMs < limits.lockStaleMs, 'a lock is given up before others call it stale');
