/**
 * Removes from a restored folder what the snapshot does not have: `--delete`. What the filter does not select stays,
 * and with it the folders that it lies in; so does whatever is on another file system.
 */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import type { Stat } from '../target/safe-folder.ts';
import type { TargetPath } from '../target/safe-name.ts';
import type { RestoreHand } from './restore-hand.ts';
import { type RestoreFilter, select } from './restore-plan.ts';
import type { RestoreTelling } from './restore-telling.ts';
import { endsRun, locationOf, type WalkedFolder } from './restore-walk.ts';

export class RestoreDeletion {
  readonly #hand: RestoreHand;
  readonly #filter: RestoreFilter | undefined;
  readonly #telling: RestoreTelling;

  constructor(hand: RestoreHand, filter: RestoreFilter | undefined, telling: RestoreTelling) {
    this.#hand = hand;
    this.#filter = filter;
    this.#telling = telling;
  }

  /** `names`: all that the snapshot has in the folder. */
  clean(folder: WalkedFolder, names: ReadonlySet<ByteString>): void {
    const { target } = this.#hand;
    const stat = this.#hand.look(folder.path);
    if (target === undefined || stat?.kind !== 'dir') return;
    // A file system that was left out of the backup has an empty folder in its place.
    if (names.size === 0 && this.#isMountPoint(folder, stat)) return;
    for (const name of target.list(folder.path)) {
      if (!names.has(name)) this.#delete([...folder.path, name], locationOf(folder, name), stat.deviceId);
    }
  }

  #isMountPoint({ parent }: WalkedFolder, { deviceId }: Stat): boolean {
    return parent !== undefined && this.#hand.look(parent.path)?.deviceId !== deviceId;
  }

  /** Whether it is gone. */
  #delete(path: TargetPath, location: ByteString, dev: bigint): boolean {
    try {
      const stat = this.#hand.look(path);
      if (stat === undefined) return true;
      if (!select(this.#filter, location).selected || stat.deviceId !== dev) return false;
      if (stat.kind === 'dir') {
        const names = this.#hand.target?.list(path) ?? [];
        const gone = names.map((name) =>
          this.#delete([...path, name], fromLatin1(`${location}/${name}`), dev),
        );
        if (gone.includes(false)) return false;
      }
      this.#hand.remove(path);
      this.#telling.done('deleted', location, stat.kind === 'file' ? stat.sizeBytes : 0);
      return true;
    } catch (error) {
      if (endsRun(error)) throw error;
      this.#telling.failed(location, error);
      return false;
    }
  }
}
