/**
 * What a backup reads of the repository before anything else: its snapshots, to choose a parent, and then the index. In
 * this order, so that all that the parent refers to is in the index. It may be read while the lock settles.
 */
import { type ByteString, toText } from '../base/byte-string.ts';
import type { Id } from '../format/id.ts';
import { type LoadedIndex, loadIndexFiles } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import { findSnapshot, loadSnapshots, type NamedSnapshot } from '../repo/snapshots.ts';
import type { BackupRequest } from './backup.ts';
import { findParent } from './find-parent.ts';

/** A backup stores again what no index names. */
const passesOverDamaged = true;

export class Beginning {
  readonly #repository: Repository;
  readonly #request: BackupRequest;
  #snapshots: Promise<NamedSnapshot[]> | undefined;
  #index: Promise<LoadedIndex> | undefined;

  constructor(repository: Repository, request: BackupRequest) {
    this.#repository = repository;
    this.#request = request;
  }

  /** What was read before counts for nothing any more. Failures are those of the calls below. */
  readEarly(): void {
    // Which snapshot is named is only known later, and the index must not be read before it is found.
    if (this.#request.parent !== undefined) return;
    this.#snapshots = this.#choosesParent ? loadSnapshots(this.#repository) : Promise.resolve([]);
    this.#index = this.#snapshots.then(() => loadIndexFiles(this.#repository, { passesOverDamaged }));
    this.#index.catch(() => undefined);
  }

  async parent(of: { paths: readonly ByteString[]; startNs: bigint }): Promise<NamedSnapshot | undefined> {
    const { parent, hostname, timeNs = of.startNs } = this.#request;
    if (!this.#choosesParent) return undefined;
    const filter = { hosts: [hostname], paths: of.paths.map(toText) };
    if (parent !== undefined) return await findSnapshot(this.#repository, parent, filter);
    this.#snapshots ??= loadSnapshots(this.#repository);
    return findParent(await this.#snapshots, { hostname, paths: of.paths, timeNs });
  }

  /** To be asked for after the parent. `gonePacks` are left out, whatever index names them. */
  async index(gonePacks: ReadonlySet<Id> = new Set()): Promise<LoadedIndex> {
    if (gonePacks.size > 0) return await loadIndexFiles(this.#repository, { gonePacks, passesOverDamaged });
    this.#index ??= loadIndexFiles(this.#repository, { passesOverDamaged });
    return await this.#index;
  }

  get #choosesParent(): boolean {
    return !this.#request.force && this.#request.stream === undefined;
  }
}
