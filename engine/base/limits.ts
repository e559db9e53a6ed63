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

  /** A pack is closed when its blobs reach this size (restic's default target). */
  packBytesTarget: 16 * MiB,
  packBytesTargetMin: 4 * MiB,
  packBytesTargetMax: 128 * MiB,
  packHeaderBytesMax: 16 * MiB,
  /** Packs that may wait for their upload before reading the sources pauses. */
  packsInFlightMax: 3,

  /** An open index is written when it has so many blobs or is so old. */
  indexBlobsMax: 50_000,
  indexAgeMsMax: 5 * 60_000,

  /** Room for blobs in a fresh blob table: a power of two. */
  blobTableStart: 8_192,

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
  /** Exclusive work waits so long for another's lock that cannot be read: it may be in the making. */
  lockUnreadableWaitMs: 35_000,
  /** Looking for our own lock in the listing: how soon again, growing with the time that has passed. */
  lockLookMsMin: 100,
  lockLookMsMax: 5_000,
  /** While we settle: so often that a file which is listed between two refreshes of its holder is seen. */
  lockSettleLookMs: 30_000,
  /** While a lock is in the way, or after a failed refresh, or in doubt: when it is tried again. */
  lockBackOffMsMin: 5_000,
  lockBackOffMsMax: 60_000,
  lockRefreshRetryMs: 60_000,
  lockDoubtRetryMs: 5_000,
  lockRemoveTriesMax: 3,
  /** A step of the wall clock like this between two polls: we slept, and do not know what happened meanwhile. */
  lockSleptMs: 60_000,

  /** The network's quality: what is remembered, what is too much, how calm it must be after how many closings. */
  networkMemoryMs: 2 * 60_000,
  networkStaleMs: 10 * 60_000,
  networkSamplesMax: 64,
  networkFlapMemoryMs: 30 * 60_000,
  networkLossMax: 0.1,
  networkAnswerMsMax: 4_000,
  networkBytesPerSecondMin: 8 * KiB,
  /** To become good, it must be better than to stay it, by this factor. */
  networkHysteresis: 0.75,
  networkCalmMs: [10_000, 60_000, 300_000],
  probeSoonMs: 3_000,
  probeWeakMs: 10_000,
  probeGoodMs: 30_000,
  probeOfflineMsMax: 5 * 60_000,

  /** The gate: the pause after a commit that failed, doubled each time. */
  gatePauseMs: 10_000,
  gatePauseMsMax: 5 * 60_000,

  /** Another's lock: a refresh that is this late does not come; looking so long proves that nobody refreshes. */
  lockRefreshGraceMs: 6 * 60_000,
  lockWatchMs: 11 * 60_000,
  clockDoubtMs: 2_000,
  /** Looks at locks of others that are remembered between commands. */
  lockLooksMax: 1_000,
  lockWatchPollMs: 5_000,

  /** The queue of a vault: how often who waits looks, and for how long maintenance that was done need not be done again. */
  queuePollMs: 500,
  queueWindowMs: 3_600_000,

  /** How long a store may lag in its listings: what is remembered, what is believed at most. */
  lagSamplesMax: 32,
  lagMemoryMs: 30 * 24 * 3_600_000,
  lagMsMax: 120_000,
  lagOneClientMs: 60_000,
  /** What kinds of stores are known for, as backends say it in `listLagFloorMs`. A folder, REST and SFTP do not lag. */
  lagFloorS3Ms: 1_000,
  lagFloorB2Ms: 3_000,
  lagFloorRcloneMs: 2_000,
  lagFloorConsumerCloudMs: 15_000,

  /** A better region is named with so many samples of each, and if it is so much better. */
  regionSamplesMin: 5,
  regionGainMax: 0.6,
  regionGainMsMin: 30,

  /** The journal: how long what may be lost is gathered, and how long another process is waited for. */
  journalLazyMs: 1_000,
  /** Packs that wait on this machine: their quota, and what they leave free on the disk. */
  spoolBytesMax: 20 * 1024 * MiB,
  spoolFreeBytesMin: 2 * 1024 * MiB,
  journalWaitMsMax: 10_000,

  /** The longest file name that any supported file system takes. */
  nameBytesMax: 255,
  /** A tree deeper than this is refused: paths of that depth cannot exist on any supported system. */
  treeDepthMax: 4_096,
  /** How long synchronous work may keep the event loop from timers and signals. */
  turnMsMax: 25,
  progressEveryMs: 100,
} as const;

assert(limits.chunkBytesMin < limits.chunkBytesMax, 'a chunk has room between its limits');
assert(limits.chunkBytesMax <= limits.dataBlobBytesMax, 'every chunk that we write can be read');
assert(limits.packBytesTargetMin <= limits.packBytesTarget, 'the default pack size is allowed');
assert(limits.packBytesTarget <= limits.packBytesTargetMax, 'the default pack size is allowed');
assert(limits.lockRefreshMs < limits.lockRefreshGiveUpMs, 'a lock is refreshed before it is given up');
assert(limits.lockPollMs < limits.lockSleptMs, 'who polls in time has not slept');
assert(
  2 * limits.lagMsMax < limits.lockRefreshMs,
  'the lock before is listed until the new one is, at any lag',
);
assert(limits.lockRefreshMs < limits.lockRefreshGraceMs, 'a refresh that comes in time is not late');
assert(2 * limits.lockRefreshMs < limits.lockWatchMs, 'whoever refreshes does so while we look');
assert(limits.lockRefreshGiveUpMs < limits.lockStaleMs, 'a lock is given up before others call it stale');
