/**
 * A repository on an SFTP server, reached by the system's own ssh, which honours all that its user has set up: keys, agent,
 * known hosts, jumps. A file is written under a temporary name beside its own, synced where the server can, then
 * renamed over it: whole or not there. (SFTP knows no sync of a folder: the server's disk may still forget a name.)
 */
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import {
  type Backend,
  type BackendWorld,
  type ByteRange,
  configFile,
  type FileName,
  type FileType,
  fileNamePattern,
  folderOf,
  type StoredFile,
} from './backend.ts';
import { type CallSignal, stopIfAborted } from './call-signal.ts';
import { KeptSession } from './child/kept-session.ts';
import { parseSftpAddress, type SftpAddress } from './sftp/address.ts';
import {
  attributesOf,
  attributesOfOpen,
  closeSoon,
  makeFolder,
  openFolder,
  openToRead,
  readFolder,
  readRange,
  removeFile,
  setMode,
} from './sftp/calls.ts';
import { type Modes, modesBeside, permissionBits } from './sftp/modes.ts';
import { openSshSession } from './sftp/open-session.ts';
import { type NamedAttributes, status } from './sftp/packets.ts';
import { pipelined } from './sftp/pipelined.ts';
import { failureOf, isRefusal } from './sftp/refusal.ts';
import { saveFile } from './sftp/save-file.ts';
import type { SftpSession } from './sftp/session.ts';

/** `rest` is a location without its `sftp:`. Fails with `usage`. */
export function openSftpBackend(rest: string, world: BackendWorld): Backend {
  return new SftpBackend(parseSftpAddress(rest), world);
}

class SftpBackend implements Backend {
  readonly connectionsMax = 5;
  readonly location: string;
  readonly #root: string;
  readonly #world: BackendWorld;
  readonly #kept: KeptSession<SftpSession>;
  #modes: Modes | undefined;

  constructor(address: SftpAddress, world: BackendWorld) {
    const { user, host, port, path } = address;
    const at = `${user === undefined ? '' : `${user}@`}${host.includes(':') ? `[${host}]` : host}`;
    this.location = port === undefined ? `sftp:${at}:${path}` : `sftp://${at}:${port}/${path}`;
    this.#root = path;
    this.#world = world;
    this.#kept = new KeptSession(() => openSshSession(address, this.location, world));
  }

  async create(signal?: CallSignal): Promise<void> {
    const session = await this.#kept.get(signal);
    const { folder: mode } = await this.#modesOf(session, signal);
    const make = (path: string): Promise<void> => makeFolders(session, path, mode, signal);
    await make(this.#root);
    await pipelined(Object.values(folderOf), limits.sftpFoldersInFlight, (name) =>
      make(`${this.#top}/${name}`),
    );
    await pipelined(prefixes(), limits.sftpFoldersInFlight, (name) => make(`${this.#top}/data/${name}`));
  }

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    const session = await this.#kept.get(signal);
    const path = this.#path(file);
    const modes = await this.#modesOf(session, signal);
    const draft = `${path}-tmp-${Buffer.from(this.#world.chance.bytes(8)).toString('hex')}`;
    try {
      await saveFile(session, { path, draft, parts, modes }, signal);
    } catch (error) {
      if (!isFailure(error, 'not-found')) throw error;
      // A folder may be missing; with the config too, all of it is gone, and nothing is made in its place.
      if ((await this.#sizeOf(configFile, signal)) === undefined && file.type !== 'config')
        throw new Failure('repository-missing', { location: this.location });
      await makeFolders(session, path.slice(0, path.lastIndexOf('/')), modes.folder, signal);
      await saveFile(session, { path, draft, parts, modes }, signal);
    }
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    const session = await this.#kept.get(signal);
    const path = this.#path(file);
    try {
      const handle = await openToRead(session, path, signal);
      try {
        const sizeBytes = (await attributesOfOpen(session, handle, signal)).sizeBytes ?? 0;
        const { offset, length } = range ?? { offset: 0, length: sizeBytes };
        if (length > limits.storedFileBytesMax)
          throw damaged(file.type, file.name, `it is ${length} bytes long`);
        const bytes =
          offset + length > sizeBytes
            ? undefined
            : await readRange(session, handle, { offset, length }, signal);
        if (bytes !== undefined) return bytes;
        const why = `it is ${sizeBytes} bytes long, ${offset + length} were expected`;
        throw damaged(file.type, file.name, why);
      } finally {
        closeSoon(session, handle);
      }
    } catch (error) {
      throw failureOf(error, 'read', path);
    }
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    const path = this.#path(file);
    const sizeBytes = await this.#sizeOf(file, signal);
    if (sizeBytes === undefined) throw new Failure('not-found', { what: 'file', id: path });
    return sizeBytes;
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    const session = await this.#kept.get(signal);
    const path = this.#path(file);
    try {
      await removeFile(session, path, signal).catch(async (error) => {
        if (!isRefusal(error) || error.code === status.noSuchFile) throw error;
        // On Windows what is read-only cannot be removed.
        await setMode(session, path, 0o600);
        await removeFile(session, path, signal);
      });
    } catch (error) {
      if (isRefusal(error, status.noSuchFile)) return;
      throw failureOf(error, 'remove', path);
    }
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    if (type === 'config') {
      const sizeBytes = await this.#sizeOf(configFile, signal);
      if (sizeBytes !== undefined) yield { name: '', sizeBytes };
      return;
    }
    const session = await this.#kept.get(signal);
    const top = `${this.#top}/${folderOf[type]}`;
    const entries = await this.#entriesOf(session, top, signal);
    if (type !== 'pack') return yield* this.#filesIn(session, top, entries, signal);
    const names = new Set(entries.map(({ name }) => name).filter((name) => /^[0-9a-f]{2}$/.test(name)));
    // So many folders at a time: one after the other is a minute on a line with a long round trip.
    const folders = [...names];
    for (let at = 0; at < folders.length; at += limits.sftpFoldersInFlight) {
      const some = new Map<string, NamedAttributes[]>();
      await pipelined(
        folders.slice(at, at + limits.sftpFoldersInFlight),
        limits.sftpFoldersInFlight,
        async (name) => {
          some.set(name, await this.#entriesOf(session, `${top}/${name}`, signal));
        },
      );
      for (const [name, inside] of some) {
        const ours = inside.filter((entry) => entry.name.startsWith(name));
        yield* this.#filesIn(session, `${top}/${name}`, ours, signal);
      }
    }
  }

  async close(): Promise<void> {
    await this.#kept.close();
  }

  #path({ type, name }: FileName): string {
    if (type === 'config') return `${this.#top}/config`;
    return `${this.#top}/${folderOf[type]}/${type === 'pack' ? `${name.slice(0, 2)}/` : ''}${name}`;
  }

  /** Undefined where there is no such file. */
  async #sizeOf(file: FileName, signal?: CallSignal): Promise<number | undefined> {
    const session = await this.#kept.get(signal);
    const path = this.#path(file);
    try {
      return (await attributesOf(session, path, signal)).sizeBytes ?? 0;
    } catch (error) {
      if (isRefusal(error, status.noSuchFile)) return undefined;
      throw failureOf(error, 'read', path);
    }
  }

  /** A missing folder is empty. */
  async #entriesOf(session: SftpSession, path: string, signal?: CallSignal): Promise<NamedAttributes[]> {
    try {
      const handle = await openFolder(session, path, signal);
      try {
        return await readFolder(session, handle, signal);
      } finally {
        closeSoon(session, handle);
      }
    } catch (error) {
      if (isRefusal(error, status.noSuchFile)) return [];
      throw failureOf(error, 'list', path);
    }
  }

  async *#filesIn(
    session: SftpSession,
    folder: string,
    entries: readonly NamedAttributes[],
    signal?: CallSignal,
  ): AsyncGenerator<StoredFile> {
    const seen = new Set<string>();
    for (const { name, mode, sizeBytes } of entries) {
      stopIfAborted(signal);
      if (!fileNamePattern.test(name) || seen.has(name)) continue;
      seen.add(name);
      const isKnown = sizeBytes !== undefined && (mode === undefined || permissionBits.isFile(mode));
      const size = isKnown ? sizeBytes : await sizeOfFile(session, `${folder}/${name}`, signal);
      if (size !== undefined) yield { name, sizeBytes: size };
    }
  }

  get #top(): string {
    return this.#root === '/' ? '' : this.#root;
  }

  async #modesOf(session: SftpSession, signal?: CallSignal): Promise<Modes> {
    this.#modes ??= await modesBeside(session, this.#path(configFile), signal);
    return this.#modes;
  }
}

/** Of a file, or of what a link leads to; undefined where that is none, or is gone. */
async function sizeOfFile(
  session: SftpSession,
  path: string,
  signal?: CallSignal,
): Promise<number | undefined> {
  try {
    const { mode, sizeBytes = 0 } = await attributesOf(session, path, signal);
    return mode === undefined || permissionBits.isFile(mode) ? sizeBytes : undefined;
  } catch (error) {
    if (isRefusal(error, status.noSuchFile)) return undefined;
    throw failureOf(error, 'list', path);
  }
}

/** The folder and those above it that are missing. One that is there already is success. */
async function makeFolders(
  session: SftpSession,
  path: string,
  mode: number,
  signal?: CallSignal,
): Promise<void> {
  try {
    await makeFolder(session, path, mode, signal);
    // The server's umask may have taken something away.
    if (mode & 0o070) await setMode(session, path, mode).catch(() => undefined);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    if (error.code === status.noSuchFile && parent !== '') {
      await makeFolders(session, parent, mode, signal);
      return await makeFolders(session, path, mode, signal);
    }
    const found = await attributesOf(session, path, signal).catch(() => undefined);
    if (found === undefined || (found.mode !== undefined && !permissionBits.isFolder(found.mode)))
      throw failureOf(error, 'create folder', path);
  }
}

function prefixes(): string[] {
  return Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
}
