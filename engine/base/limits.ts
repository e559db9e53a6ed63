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
  packsInFlightMax: 2,

  /** An open index is written when it has so many blobs or is so old. */
  indexBlobsMax: 50_000,
  indexAgeMsMax: 5 * 60_000,
  /** What a blob takes in a compressed index file, about: its id cannot be compressed. */
  indexedBlobBytes: 48,
  /** An index file is encoded, and proven to say what it should, in pieces of about this size. */
  indexPieceBytes: 128 * KiB,
  /** Folders of a repository that are listed at a time, with the one whose turn it is: many are empty. */
  foldersListedMax: 8,
  /** Index files that are fetched at a time, with the one that is being read. */
  indexLoadsMax: 2,
  /** Buffers of this size have memory of their own. */
  giveBackBytesMin: 256 * KiB,

  /** A blob table has room for so many more blobs at a time, and addresses for so many in all. */
  blobTableStep: 16_384,
  blobsMax: 4_096 * 16_384,

  /** Reading a pack: gaps up to this are read over rather than asked for apart, pieces are at most so large. */
  readGapBytesMax: 1 * MiB,
  readPieceBytesMax: 32 * MiB,

  /** Trees are read a piece of a pack at a time; a piece reaches so far into the next one. */
  treePieceBytes: 1 * MiB,
  treePieceOverlapBytes: 64 * KiB,
  treePiecesMax: 16,

  /** What decompression may yield, by kind of file: more is a bomb, not a backup. */
  smallFileBytesMax: 64 * KiB,
  snapshotBytesMax: 16 * MiB,
  indexBytesMax: 512 * MiB,
  /** In what an index file says beside what we know. */
  jsonDepthMax: 1_000,
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
  /** The longest wait for a good network where nobody says otherwise; then a weak one is tried. */
  commitWaitMsMax: 6 * 60 * 60_000,
  /** In the app a run waits so long with its sources; then it is over, and what it sealed waits by itself. */
  gateGiveUpMs: 60_000,
  /** A look at a vault: how many probes, how far apart, how long all of them may take. */
  vaultProbes: 4,
  vaultProbeGapMs: 250,
  vaultProbesMsMax: 30_000,
  /** What ordinary traffic teaches is told so often. */
  networkTellMs: 30_000,
  /** How long a probe may take. */
  probeMsMax: 20_000,

  /** Another's lock: a refresh that is this late does not come; looking so long proves that nobody refreshes. */
  lockRefreshGraceMs: 6 * 60_000,
  lockWatchMs: 11 * 60_000,
  clockDoubtMs: 2_000,
  /** Looks at locks of others that are remembered between commands. */
  lockLooksMax: 1_000,
  lockWatchPollMs: 5_000,

  /** The queue of a vault: how often who waits looks, and for how long maintenance that was done need not be done again. */
  /** What is shown of those who hold locks and wait. */
  locksShownMax: 100,
  lockNameCharsMax: 255,
  /** How long a run of the app waits for somebody else who works alone in the vault. */
  runLockRetryMs: 4 * 3_600_000,
  /** And a commit of the app that waits: it is tried again later. */
  finishLockRetryMs: 60_000,
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
  /** What is read of rclone's own settings to tell a remote's kind, and through how many remotes behind remotes. */
  rcloneSettingsBytesMax: 1_048_576,
  rcloneRemotesDeepMax: 5,

  /** A better region is named with so many samples of each, and if it is so much better. */
  regionSamplesMin: 5,
  regionGainMax: 0.6,
  regionGainMsMin: 30,
  /** Every region is asked once, then the nearest again: how many, how often, how long one may take. */
  regionsAskedMax: 48,
  regionsNearest: 6,
  regionRounds: 8,
  regionProbeMsMax: 5_000,

  /** The journal: how long what may be lost is gathered, and how long another process is waited for. */
  journalLazyMs: 1_000,
  /** Records of finished files that are gathered before the journal is told. */
  fileRecordBytes: 256 * KiB,
  /** Up to so many packs are asked for by name, more are looked up in a listing. */
  packsAskedMax: 200,
  /** A pack that was saved, and so was seen, not longer ago than this need not be asked for again at the commit. */
  packSeenMsMax: 60_000,
  /** So long, a look at the repository and at our lock stands for what is written after it; then it is made anew. */
  lookGoodMsMax: 2_000,
  /** A request may be carried out late: so long after it, nothing comes any more that it could still bring. */
  lateRequestMsMax: 60 * 60_000,
  /** A snapshot is looked at once more so long after its commit; and so long at least after the look before. */
  lateLookMs: 24 * 60 * 60_000,
  lateLooksApartMs: 12 * 60 * 60_000,
  /** So many snapshots of a vault may wait for that. */
  lateLooksMax: 100,
  /** How long after a save its reading back may say that there is no such file. */
  readBackWaitsMs: [0, 500, 2_000, 8_000, 20_000],
  /** A run that found something gone goes over its sources so often. */
  runAgainMax: 3,
  /** A commit whose lock was lost is proven anew so often before it waits. */
  proveAgainMax: 3,
  /** While a commit waits for its network, others cannot prune: not for longer than this. */
  lockHeldWaitingMsMax: 2 * 60 * 60_000,
  /** After a cancel: what is stored is indexed if that takes no longer. */
  lastIndexMsMax: 5_000,
  /** Packs that wait on this machine: their quota, and what they leave free on the disk. */
  spoolBytesMax: 20 * 1024 * MiB,
  spoolFreeBytesMin: 2 * 1024 * MiB,
  journalWaitMsMax: 10_000,
  /** Programs behind pipes: how long one may take to begin, to leave when asked, and its last words to arrive. */
  sshStartMsMax: 30_000,
  rcloneStartMsMax: 60_000,
  programStopMs: 5_000,
  programTermMs: 2_000,
  programLastWordsMs: 500,
  /** Lines of its stderr that are told, that are kept to find out why it failed, and how much of each. */
  programNotesTold: 50,
  programNotesKept: 20,
  programNoteCharsMax: 400,
  /** Silence is counted in such moments. rclone answers pings whatever it does; a server's disk may be slow. */
  pipeTickMs: 5_000,
  rcloneSilentTicksMax: 3,
  sftpSilentTicksMax: 12,
  /** To clear away an upload that was cancelled; after it, rclone is ended so that it cannot do it later. */
  rcloneCutMsMax: 30_000,
  /** ssh itself: to connect, and then how often and how many times the other side is asked whether it is there. */
  sshConnectSeconds: 15,
  sshAliveSeconds: 5,
  sshAliveTries: 3,

  /** A message of an SFTP server may be so long (as in OpenSSH); a request moves so much, so many are under way. */
  sftpPacketBytesMax: 256 * KiB,
  sftpRequestBytes: 32 * KiB,
  sftpRequestsInFlight: 64,
  sftpFoldersInFlight: 32,

  /** HTTP: what is written at once, and what is read of an answer that refuses. */
  httpPieceBytes: 64 * KiB,
  refusalBytesMax: 64 * KiB,
  /** What a store may give for a whole file, and for a list of a million files and more. */
  storedFileBytesMax: 512 * MiB,
  listingBytesMax: 256 * MiB,
  /** Files up to this size are read back where it is in doubt whether the store has them. */
  readBackBytesMax: 8 * MiB,
  restConnectionsMax: 5,
  objectStoreConnectionsMax: 8,
  /** Backblaze B2: files in a page of a list, versions of one file, addresses that one upload may wear out. */
  b2PageFilesMax: 10_000,
  b2VersionsMax: 1_000,
  uploadAddressesTriedMax: 3,
  /** Connections that wait for work are kept this long, and so many of them. */
  idleConnectionsMax: 16,
  idleConnectionMsMax: 90_000,
  /** However long a server asks us to wait. */
  retryAfterMsMax: 60 * 60_000,

  /** Waits before a request is made again, doubling from the first to the most. */
  retryWaits: {
    now: { startMs: 500, msMax: 30_000 },
    later: { startMs: 2_000, msMax: 5 * 60_000 },
  },
  /** So long a store is asked again which shows nothing true beside what it says of a file. */
  doubtMsMax: 5 * 60_000,
  /** How long a question waits for a store that cannot be reached, and a run that was told to stop; waits worth telling. */
  questionMsMax: 30_000,
  stoppingMsMax: 5_000,
  waitToldMsMin: 1_000,
  /** How long a store is asked that has not yet shown that it is one. */
  unprovenMsMax: 60_000,
  /** So often an index, a snapshot or a lock is sent that its store does not show as it is. */
  storeTriesMax: 3,
  /** A run waits so long for its store before it goes on without it, where it can. */
  awayAfterMs: 30_000,
  /** How long one who asks waits for a store that is away; with a copy of it here, not as long. */
  askMsMax: { cli: 60_000, window: 20_000, withCopy: 10_000 },
  /** How long that copy answers before the store is asked again, where nothing is heard of it. */
  copyMsMax: 60_000,
  /** How long a run that was cancelled tries to leave the store in order. */
  endingMsMax: 3_000,
  /** News of the way to a store come so long after what they tell. */
  lineTellMs: 250,
  /** How long a place is tried before it is called unusable. */
  testPlaceMsMax: 4_000,
  /** Tries to read one file before another is asked for, to tell a bad file from a bad link. */
  readTriesBeforeProbe: 3,

  /** Failures in a row that open a breaker, and how long it stays open, doubling; how often the others look meanwhile. */
  breakerFailuresMax: 5,
  breakerMsMin: 2_000,
  breakerMsMax: 60_000,
  breakerTryingMs: 1_000,

  /**
   * Uploads under way at once: at the start (more on a long way: one for each stretch of the round trip), at most; clean
   * ones before one more, which must bring so much.
   */
  uploadsAtStart: 4,
  roundTripMsPerUpload: 9,
  uploadsInFlightMax: 16,
  /** Their packs are in memory: of larger packs, fewer are under way. */
  uploadBytesInFlightMax: 224 * MiB,
  /** What carries so much has connections of its own: on one that is new, it takes some round trips more. */
  uploadBytesMin: 64 * KiB,
  uploadsPerGrowth: 2,
  uploadGainMin: 1.05,
  /** Uploads before growth is tried again that brought nothing. */
  uploadsOfRest: 16,

  /** Cache: packs of trees on this disk, the largest that is kept, and parts of one that are fetched before all of it. */
  cacheBytesMax: 1024 * MiB,
  cachedPackBytesMax: 64 * MiB,
  packPartsBeforeWhole: 3,

  /** What requests teach: those up to this size about round trips, those from this size about goodput. */
  roundTripBytesMax: 1 * KiB,
  goodputBytesMin: 32 * KiB,
  goodputHalfLifeMs: 60_000,
  overdueMsMin: 1_000,
  /** Silence on a connection: never ended sooner, not later while nothing says that the store is slow, never later. */
  silenceMsMin: 8_000,
  silenceMsMax: 16_000,
  silenceMsEver: 10 * 60_000,
  watchStepMsMin: 100,
  watchStepMsMax: 1_000,
  /** Who wakes so much too late was stopped, with the whole program. */
  stoppedMsMin: 1_500,
  /** Less than this share of what the line gives, for so long, is a trickle; a request is ended for it so often. */
  trickleShare: 0.02,
  trickleMs: 20_000,
  tricklesMax: 2,
  /** What the system may take of an upload before the link does. */
  socketBufferBytes: 4 * MiB,

  /** The longest file name that any supported file system takes. */
  nameBytesMax: 255,
  /** A tree deeper than this is refused: paths of that depth cannot exist on any supported system. */
  treeDepthMax: 4_096,
  /** How long synchronous work may keep the event loop from timers and signals. */
  turnMsMax: 10,
  /** The same for a walk that keeps threads busy: they should not wait for it. */
  walkTurnMsMax: 2,
  /** Until there is more to store than that, one hand does it. */
  oneHandBytesMax: 16 * MiB,
  /** So many files a thread has open at a time: the one that it reads, and the next ones. */
  filesOpenMax: 16,
  /**
   * From so many files in the parent snapshot on, or so many bytes of indexes where it is not known yet, a thread walks ahead.
   * It tells of so many items at a time, and is at most so many messages ahead. Alone, the walk looks at so few at a time:
   * on a share, each takes a round trip, and nobody else has a turn.
   */
  lookAheadFilesMin: 2_000,
  lookAheadIndexBytesMin: 256 * 1024,
  lookItemsTold: 256,
  lookToldMax: 32,
  lookAloneItems: 16,
  /** So many contents are hashed side by side at most. */
  hashedTogetherMax: 64,
  /** Small files go to a thread in batches of so many, or so many bytes. */
  batchFilesMax: 64,
  batchBytesMax: 1 * MiB,
  /** A file that is larger than two parts is read in parts, each as large as so many packs. */
  filePartPacks: 8,
  /** How far the walk may be ahead of what is stored. */
  filesAheadMax: 1_024,
  treesAheadMax: 512,
  treeBytesAheadMax: 16 * MiB,
  /** Room for blobs in a fresh table of claims: a power of two. */
  claimsStart: 4_096,
  /** What a thread is given of a pack at a time when files are restored. */
  restorePieceBytesMax: 2 * MiB,
  /** A pack is proven in pieces of so many bytes; each thread has its end, one in work, and so many ahead. */
  provePieceBytesMax: 1 * MiB,
  provePiecesAheadMax: 4,
  /** The same of one that is only summed up, by a thread that others wait for: a folder is not read ahead by the system. */
  sumPieceBytes: 2 * MiB,
  sumPiecesAheadMax: 4,
  /** Threads on a machine with more processors, where nobody says how many: each takes some 40 MB. */
  threadsByDefaultMax: 4,
  /** For a thread's objects. Young ones are copied when their half is full: who restores or walks ahead has many by then. */
  threadYoungHalfMiB: 1,
  lookYoungHalfMiB: 2,
  restoreYoungHalfMiB: 2,
  /**
   * Beyond what lives in a heap, so much garbage may be there before it is collected, percent. By itself it is as much again:
   * with that a restore, which holds little else, takes a twentieth less of the processor's time.
   */
  heapGarbagePercent: 20,
  restoreGarbagePercent: 100,
  threadOldHeapMiB: 96,
  progressEveryMs: 100,
  /** A run that is over sooner needs no end in sight: from then on, its sources are counted. */
  scanAfterMs: 2_500,
} as const;

assert(limits.chunkBytesMin < limits.chunkBytesMax, 'a chunk has room between its limits');
assert(limits.chunkBytesMax <= limits.dataBlobBytesMax, 'every chunk that we write can be read');
assert(limits.packBytesTargetMin <= limits.packBytesTarget, 'the default pack size is allowed');
assert(limits.packBytesTarget <= limits.packBytesTargetMax, 'the default pack size is allowed');
assert(limits.uploadsAtStart <= limits.uploadsInFlightMax, 'a window starts within its limits');
assert(limits.breakerMsMin < limits.breakerMsMax, 'a breaker stays open longer each time');
assert(limits.silenceMsMin < limits.silenceMsMax, 'a good link is given up sooner than an unknown one');
assert(limits.silenceMsMax < limits.silenceMsEver, 'a slow store is waited for longer each time');
assert(limits.lockRefreshMs < limits.lockRefreshGiveUpMs, 'a lock is refreshed before it is given up');
assert(limits.silenceMsEver < limits.lateRequestMsMax, 'a request that is silent is given up before');
assert(limits.lockPollMs < limits.lockSleptMs, 'who polls in time has not slept');
assert(
  2 * limits.lagMsMax < limits.lockRefreshMs,
  'the lock before is listed until the new one is, at any lag',
);
assert(limits.lateLooksApartMs < limits.lateLookMs, 'a backup a day is enough to look at each');
assert(limits.lockRefreshMs < limits.lockRefreshGraceMs, 'a refresh that comes in time is not late');
assert(2 * limits.lockRefreshMs < limits.lockWatchMs, 'whoever refreshes does so while we look');
assert(limits.lockRefreshGiveUpMs < limits.lockStaleMs, 'a lock is given up before others call it stale');
