/**
 * Copies of a repository's small files on this machine's disk: for the owner only, believed only by their hash, packs
 * within a limit. The folder is laid out as a repository is, so that it can be opened as one that has less in it when
 * the store cannot be reached. Whatever goes wrong here is nobody's failure: the store has it all.
 */
import { hash } from 'node:crypto';
import {
  type FileHandle,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Chance } from '../base/chance.ts';
import type { Clock } from '../base/clock.ts';
import { makeFolders } from '../system/make-folders.ts';
import { type ByteRange, type FileName, type FileType, fileNamePattern, folderOf } from './backend.ts';

export interface CacheOptions {
  /** Of this repository alone: its id is the folder's name. */
  readonly folder: string;
  /** For packs; older ones go first. */
  readonly packBytesMax: number;
  readonly chance: Chance;
  readonly clock: Clock;
}

export class CacheFolder {
  readonly #options: CacheOptions;
  /** Looked at whole in this session: what their name says is in them. */
  readonly #verified = new Set<string>();
  /** Sizes by name, the longest unused first. */
  #packs: Promise<Map<string, number>> | undefined;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** The file or a range of it; undefined where there is none that can be believed. */
  async get(file: FileName, range?: ByteRange): Promise<Uint8Array | undefined> {
    const path = this.#path(file);
    try {
      if (range !== undefined && this.#verified.has(path)) return await readRange(path, range);
      const bytes = await readFile(path);
      if (file.type !== 'config' && hash('sha256', bytes, 'hex') !== file.name) {
        await this.drop(file);
        return undefined;
      }
      this.#verified.add(path);
      await this.#used(file, bytes.length);
      if (range === undefined) return bytes;
      return range.offset + range.length > bytes.length
        ? undefined
        : bytes.subarray(range.offset, range.offset + range.length);
    } catch {
      return undefined;
    }
  }

  async has(file: FileName): Promise<boolean> {
    return await stat(this.#path(file)).then(
      () => true,
      () => false,
    );
  }

  /** Bytes that are not what the name says are not kept. */
  async put(file: FileName, parts: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(parts);
    if (file.type !== 'config' && hash('sha256', bytes, 'hex') !== file.name) return;
    const path = this.#path(file);
    const draft = `${path}-tmp-${Buffer.from(this.#options.chance.bytes(8)).toString('hex')}`;
    try {
      makeFolders(dirname(path), 0o700);
      await writeFile(draft, bytes, { mode: 0o600, flag: 'wx' });
      await rename(draft, path);
      await this.#used(file, bytes.length);
      if (file.type === 'pack') await this.#trim();
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  async drop(file: FileName): Promise<void> {
    const path = this.#path(file);
    this.#verified.delete(path);
    if (file.type === 'pack') (await this.#allPacks()).delete(file.name);
    await rm(path, { force: true }).catch(() => undefined);
  }

  /** Files of a type that the store has no more, and drafts of a process that died, are dropped. */
  async keepOnly(type: Exclude<FileType, 'config' | 'pack'>, names: ReadonlySet<string>): Promise<void> {
    const folder = join(this.#options.folder, folderOf[type]);
    for (const name of await readdir(folder).catch(() => [])) {
      if (!names.has(name)) await rm(join(folder, name), { force: true }).catch(() => undefined);
    }
  }

  #path({ type, name }: FileName): string {
    const { folder } = this.#options;
    if (type === 'config') return join(folder, 'config');
    const inside = join(folder, folderOf[type]);
    return type === 'pack' ? join(inside, name.slice(0, 2), name) : join(inside, name);
  }

  async #used(file: FileName, bytes: number): Promise<void> {
    if (file.type !== 'pack') return;
    const packs = await this.#allPacks();
    packs.delete(file.name);
    packs.set(file.name, bytes);
    const seconds = Number(this.#options.clock.wallNs() / 1_000_000_000n);
    await utimes(this.#path(file), seconds, seconds);
  }

  async #trim(): Promise<void> {
    const packs = await this.#allPacks();
    let sum = [...packs.values()].reduce((all, bytes) => all + bytes, 0);
    for (const [name, bytes] of [...packs]) {
      if (sum <= this.#options.packBytesMax) return;
      await this.drop({ type: 'pack', name });
      sum -= bytes;
    }
  }

  #allPacks(): Promise<Map<string, number>> {
    this.#packs ??= findPacks(join(this.#options.folder, folderOf.pack));
    return this.#packs;
  }
}

async function readRange(path: string, { offset, length }: ByteRange): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    return bytesRead === length ? bytes : undefined;
  } finally {
    await handle?.close();
  }
}

async function findPacks(folder: string): Promise<Map<string, number>> {
  const found: { name: string; bytes: number; usedMs: number }[] = [];
  for (const inside of await readdir(folder).catch(() => [])) {
    for (const name of await readdir(join(folder, inside)).catch(() => [])) {
      const facts = await stat(join(folder, inside, name)).catch(() => undefined);
      if (facts === undefined) continue;
      if (fileNamePattern.test(name)) found.push({ name, bytes: facts.size, usedMs: facts.mtimeMs });
    }
  }
  found.sort((a, b) => a.usedMs - b.usedMs);
  return new Map(found.map(({ name, bytes }) => [name, bytes]));
}
