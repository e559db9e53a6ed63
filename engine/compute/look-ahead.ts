/**
 * Where hardly anything changed, a backup is a walk, and a walk waits for the system to find one entry after the other.
 * A thread that has nothing else to do asks for what comes next, from its far end, and keeps nothing of it: the system has
 * it in memory then when the walk comes by. What it finds counts for nothing, and what fails is told by the walk.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { childPath, parentPath } from '../source/path.ts';
import type { SourceFiles } from '../source/source-files.ts';
import { Turn } from './turn.ts';

/** A folder that the walk begins with. */
export interface FolderEntered {
  readonly path: ByteString;
  readonly deviceId: bigint;
  /** In the order of the walk. */
  readonly names: readonly ByteString[];
}

interface Coming {
  readonly path: ByteString;
  readonly deviceId: bigint;
  readonly names: ByteString[];
}

export class LookAhead {
  readonly #files: Pick<SourceFiles, 'glance' | 'names'>;
  readonly #clock: Clock;
  /** The folders that the walk is in, the innermost last, each with what was not looked at yet. */
  readonly #folders: Coming[] = [];
  #looksLeft = 0;
  #isLooking = false;

  constructor(files: Pick<SourceFiles, 'glance' | 'names'>, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** All that the walk began with and that does not hold this folder, it is done with. */
  enter({ path, deviceId, names }: FolderEntered): void {
    const above = parentPath(path);
    while (this.#folders.length > 0 && this.#folders.at(-1)!.path !== above) this.#folders.pop();
    this.#folders.push({ path, deviceId, names: [...names] });
    this.#looksLeft = limits.looksAheadMax;
    if (!this.#isLooking) void this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    const turn = new Turn(this.#clock, limits.aheadTurnMsMax);
    for (let coming = this.#next(); coming !== undefined; coming = this.#next()) {
      this.#lookAt(coming.path, coming.deviceId);
      if (turn.isOver) await turn.pass();
    }
    this.#isLooking = false;
  }

  #next(): { path: ByteString; deviceId: bigint } | undefined {
    if (this.#looksLeft <= 0) return undefined;
    for (let i = this.#folders.length - 1; i >= 0; i--) {
      const { path, deviceId, names } = this.#folders[i]!;
      const name = names.pop();
      if (name !== undefined) return { path: childPath(path, name), deviceId };
    }
    return undefined;
  }

  /** At an entry, and where it is a folder, at what is in it; what is mounted there is left alone. */
  #lookAt(path: ByteString, deviceId: bigint): void {
    try {
      this.#looksLeft--;
      const found = this.#files.glance(path);
      if (found.kind !== 'dir' || found.deviceId !== deviceId) return;
      const names = this.#files.names(path);
      this.#looksLeft -= names.length;
      for (const name of names) this.#files.glance(childPath(path, name));
    } catch {
      // The walk meets the same.
    }
  }
}
