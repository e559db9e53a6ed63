/**
 * Sealed packs on this machine's disk: whole under their names or not there at all, in a folder per run that only its
 * owner may enter, never more than the quota and never so much that the disk runs full.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, fromSystemError, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { type Id, idOf } from '../format/id.ts';

export interface Spool {
  /** Durable when it resolves. Fails with `no-space` where the quota or the disk has no room. */
  put(runId: string, packId: Id, parts: readonly Uint8Array[]): Promise<void>;
  /** The pack, proven to be whole; undefined where it is not there (any more) or was damaged. */
  get(runId: string, packId: Id): Promise<Uint8Array | undefined>;
  remove(runId: string, packId: Id): Promise<void>;
  removeRun(runId: string): Promise<void>;
  /** Names of the packs of a run that are there. */
  packs(runId: string): Promise<Id[]>;
  /** Removes what no run in `runIds` owns: left by a crash between the journal's last word and the removal. */
  removeAllBut(runIds: ReadonlySet<string>): Promise<void>;
  /** Bytes held, of all runs. */
  usedBytes(): Promise<number>;
}

export interface SpoolSettings {
  readonly folder: string;
  readonly quotaBytes: number;
}

export function openSpool(settings: SpoolSettings): Spool {
  return new FolderSpool(settings);
}

const packName = /^[0-9a-f]{64}$/;
const runName = /^[0-9a-f]{32}$/;

class FolderSpool implements Spool {
  readonly #folder: string;
  readonly #quotaBytes: number;
  /** Undefined until it is measured, and after anything that may have changed it otherwise. */
  #usedBytes: number | undefined;

  constructor({ folder, quotaBytes }: SpoolSettings) {
    this.#folder = folder;
    this.#quotaBytes = quotaBytes;
  }

  async put(runId: string, packId: Id, parts: readonly Uint8Array[]): Promise<void> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    const folder = join(this.#folder, runId);
    const path = join(folder, packId);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await this.#claim(bytes);
      await writeDurably(`${path}-new`, parts);
      await rename(`${path}-new`, path);
      await syncFolder(folder);
    } catch (error) {
      await unlink(`${path}-new`).catch(() => undefined);
      if (!isFailure(error, 'no-space')) this.#usedBytes = undefined;
      throw fromSystemError(error, 'write', path);
    }
  }

  async get(runId: string, packId: Id): Promise<Uint8Array | undefined> {
    try {
      const bytes = await readFile(join(this.#folder, runId, packId));
      return idOf(bytes) === packId ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  async remove(runId: string, packId: Id): Promise<void> {
    await rm(join(this.#folder, runId, packId), { force: true });
    this.#usedBytes = undefined;
  }

  async removeRun(runId: string): Promise<void> {
    await rm(join(this.#folder, runId), { recursive: true, force: true });
    this.#usedBytes = undefined;
  }

  async packs(runId: string): Promise<Id[]> {
    const names = await readdir(join(this.#folder, runId)).catch(() => []);
    return names.filter((name) => packName.test(name));
  }

  async removeAllBut(runIds: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) if (runName.test(name) && !runIds.has(name)) await this.removeRun(name);
  }

  async usedBytes(): Promise<number> {
    const measured = this.#usedBytes ?? (await this.#measure());
    this.#usedBytes ??= measured;
    return this.#usedBytes;
  }

  async #measure(): Promise<number> {
    let sum = 0;
    for (const run of await readdir(this.#folder).catch(() => [])) {
      if (!runName.test(run)) continue;
      for (const pack of await readdir(join(this.#folder, run)).catch(() => []))
        sum += await stat(join(this.#folder, run, pack)).then(
          ({ size }) => size,
          () => 0,
        );
    }
    return sum;
  }

  /** Counts the bytes as used before they are written, so that two packs at a time do not share one room. */
  async #claim(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize - bytes < limits.spoolFreeBytesMin)
      throw noRoom(this.#folder, 'the disk has too little room left');
    await this.usedBytes();
    // Read and written without a pause between them.
    const used = this.#usedBytes ?? 0;
    if (used + bytes > this.#quotaBytes) throw noRoom(this.#folder, 'the quota for what waits is used up');
    this.#usedBytes = used + bytes;
  }
}

function noRoom(path: string, why: string): Failure {
  return new Failure('no-space', { path, why }, { next: 'later' });
}

async function writeDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The new name is durable too, where folders can be synced: Windows cannot, there packs are proven by their hash. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // The pack is read back by its hash before it is relied on.
  }
}
