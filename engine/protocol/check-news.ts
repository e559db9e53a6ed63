/**
 * What a check tells: findings as codes with plain details (`cli` makes sentences of them), and how far it is.
 * Texts in the details come from the repository and are hostile until they are made printable.
 */

/** `error`: something is lost or will be. `hint`: nothing is lost, but a repair would tidy up. */
export type CheckSeverity = 'error' | 'hint';

export type CheckCode =
  /** `index`, `why`. */
  | 'index-unreadable'
  /** `pack`, `indexes`: the same entry stands in so many index files. */
  | 'pack-in-several-indexes'
  /** `pack`: index files contradict each other about what is in it. */
  | 'pack-entries-differ'
  /** `pack`: data and trees in one pack. */
  | 'pack-mixed'
  /** `pack`. */
  | 'pack-missing'
  /** `pack`, `sizeBytes`, `expectedBytes`. */
  | 'pack-size'
  /** `pack`, `sizeBytes`: no index names it. */
  | 'pack-unreferenced'
  /** `snapshot`, `why`. */
  | 'snapshot-unreadable'
  /** `tree`: no index names it. */
  | 'tree-missing'
  /** `tree`, `why`. */
  | 'tree-unreadable'
  /** `tree`, `depthMax`: it lies deeper than any file system allows. */
  | 'tree-too-deep'
  /** `tree`, `name`. */
  | 'folder-without-tree'
  /** `tree`, `name`: it leads elsewhere, or is none. */
  | 'name-unsafe'
  /** `tree`, `name`, `blob` (the first), `count`: no index names so many pieces of the file. */
  | 'blob-missing'
  /** `tree`, `name`, `sizeBytes`, `contentBytes`. */
  | 'size-differs'
  /** `pack`, `why`: it could not be read. */
  | 'pack-unreadable'
  /** `pack`: its content does not match its name. */
  | 'pack-hash'
  /** `pack`, `why`. */
  | 'pack-header'
  /** `pack`: the header lists other blobs than the index does. */
  | 'pack-header-differs'
  /** `pack`, `blob`, `why`. */
  | 'blob-damaged';

export type CheckDetail = Readonly<Record<string, string | number>>;

export interface CheckFinding {
  readonly severity: CheckSeverity;
  readonly code: CheckCode;
  readonly detail: CheckDetail;
}

export type CheckPhase = 'index' | 'packs' | 'snapshots' | 'data';

/**
 * Told often; each one replaces the one before. What is counted: index files, packs in the list, snapshots whose
 * trees were walked, packs that were read. Bytes are those of packs that were read, in the phase `data` only.
 */
export interface CheckProgress {
  readonly phase: CheckPhase;
  readonly done: number;
  readonly total: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly errors: number;
}

/** Told once, at the end: restic's summary. */
export interface CheckSummary {
  readonly errors: number;
  readonly hints: number;
  /** Packs whose content is not what it must be: `restic repair packs` salvages what is whole in them. */
  readonly brokenPacks: readonly string[];
  readonly suggestRepairIndex: boolean;
  readonly suggestPrune: boolean;
  /** Packs that were read whole, and their bytes. */
  readonly packsRead: number;
  readonly bytesRead: number;
}
