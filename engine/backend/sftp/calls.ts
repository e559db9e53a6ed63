/** What can be asked of an SFTP server, one function a request or a file; they fail with `Refusal` where it says no. */
import type { CancelSignal } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { CallSignal } from '../call-signal.ts';
import {
  type Attributes,
  ask,
  modeAttributes,
  type NamedAttributes,
  openFlags,
  Reader,
  status,
  text,
  u32,
  u64,
} from './packets.ts';
import { piecesOf, pipelined, rangesOf } from './pipelined.ts';
import { isRefusal } from './refusal.ts';
import type { SftpSession } from './session.ts';

export type Handle = Buffer;

export async function openToRead(session: SftpSession, path: string, signal?: CancelSignal): Promise<Handle> {
  const fields = [text(path), u32(openFlags.read), modeAttributes(undefined)];
  return (await session.request('handle', ask.open, fields, signal)).handle;
}

/** A file that must not be there yet. */
export async function openNew(
  session: SftpSession,
  path: string,
  mode: number,
  signal?: CancelSignal,
): Promise<Handle> {
  const flags = openFlags.write | openFlags.create | openFlags.exclusive;
  return (await session.request('handle', ask.open, [text(path), u32(flags), modeAttributes(mode)], signal))
    .handle;
}

export async function openFolder(session: SftpSession, path: string, signal?: CancelSignal): Promise<Handle> {
  return (await session.request('handle', ask.opendir, [text(path)], signal)).handle;
}

/** Its answer says nothing that matters to a reader, and is not waited for. */
export function closeSoon(session: SftpSession, handle: Handle): void {
  void session.request('status', ask.close, [text(handle)]).catch(() => undefined);
}

export async function close(session: SftpSession, handle: Handle, signal?: CancelSignal): Promise<void> {
  await session.request('status', ask.close, [text(handle)], signal);
}

export async function writeAll(
  session: SftpSession,
  handle: Handle,
  parts: readonly Uint8Array[],
  signal?: CallSignal,
): Promise<void> {
  const pieces = piecesOf(parts, limits.sftpRequestBytes);
  await pipelined(pieces, limits.sftpRequestsInFlight, async ({ offset, length, chunks }) => {
    await session.request('status', ask.write, [text(handle), u64(offset), u32(length), ...chunks], signal);
    await signal?.onProgress?.(length, 'up');
  });
}

/** Exactly that range; undefined where the file ends before it does. */
export async function readRange(
  session: SftpSession,
  handle: Handle,
  range: { readonly offset: number; readonly length: number },
  signal?: CallSignal,
): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(range.length);
  const pieces = rangesOf(range.offset, range.length, limits.sftpRequestBytes);
  try {
    await pipelined(pieces, limits.sftpRequestsInFlight, async ({ offset, length }) => {
      // A server may give less than it was asked for.
      for (let have = 0; have < length; ) {
        const fields = [text(handle), u64(offset + have), u32(length - have)];
        const got = (await session.request('data', ask.read, fields, signal)).bytes;
        if (got.length === 0 || got.length > length - have)
          session.refuse(`it gave ${got.length} bytes where at most ${length - have} were asked for`);
        got.copy(bytes, offset - range.offset + have);
        have += got.length;
        await signal?.onProgress?.(got.length, 'down');
      }
    });
  } catch (error) {
    if (isRefusal(error, status.endOfFile)) return undefined;
    throw error;
  }
  return bytes;
}

export async function attributesOf(
  session: SftpSession,
  path: string,
  signal?: CancelSignal,
): Promise<Attributes> {
  return (await session.request('attributes', ask.stat, [text(path)], signal)).attributes;
}

export async function attributesOfOpen(
  session: SftpSession,
  handle: Handle,
  signal?: CancelSignal,
): Promise<Attributes> {
  return (await session.request('attributes', ask.fstat, [text(handle)], signal)).attributes;
}

export async function setMode(session: SftpSession, path: string, mode: number): Promise<void> {
  await session.request('status', ask.setstat, [text(path), modeAttributes(mode)]);
}

export async function setModeOfOpen(session: SftpSession, handle: Handle, mode: number): Promise<void> {
  await session.request('status', ask.fsetstat, [text(handle), modeAttributes(mode)]);
}

/** On the server's disk, where it can tell; else this does nothing. */
export async function sync(session: SftpSession, handle: Handle, signal?: CancelSignal): Promise<void> {
  if (!session.offers('fsync@openssh.com', '1')) return;
  try {
    await session.request('status', ask.extended, [text('fsync@openssh.com'), text(handle)], signal);
  } catch (error) {
    if (!isRefusal(error, status.unsupported)) throw error;
  }
}

export function canReplace(session: SftpSession): boolean {
  return session.offers('posix-rename@openssh.com', '1');
}

/** Replaces what has the new name where `canReplace`; otherwise that refuses. */
export async function rename(
  session: SftpSession,
  from: string,
  to: string,
  signal?: CancelSignal,
): Promise<void> {
  const fields = [text(from), text(to)];
  if (!canReplace(session)) await session.request('status', ask.rename, fields, signal);
  else await session.request('status', ask.extended, [text('posix-rename@openssh.com'), ...fields], signal);
}

export async function removeFile(session: SftpSession, path: string, signal?: CancelSignal): Promise<void> {
  await session.request('status', ask.remove, [text(path)], signal);
}

export async function makeFolder(
  session: SftpSession,
  path: string,
  mode: number,
  signal?: CancelSignal,
): Promise<void> {
  await session.request('status', ask.mkdir, [text(path), modeAttributes(mode)], signal);
}

/** Everything in an open folder. */
export async function readFolder(
  session: SftpSession,
  handle: Handle,
  signal?: CancelSignal,
): Promise<NamedAttributes[]> {
  const all: NamedAttributes[] = [];
  for (;;) {
    try {
      const { names } = await session.request('names', ask.readdir, [text(handle)], signal);
      if (names.length === 0) session.refuse('it lists a folder without an end');
      for (const each of names) all.push(each);
    } catch (error) {
      if (isRefusal(error, status.endOfFile)) return all;
      throw error;
    }
  }
}

export interface Space {
  readonly freeBytes: number;
  readonly isReadOnly: boolean;
}

/** Of the disk on which that is; undefined where the server cannot tell. */
export async function spaceAt(session: SftpSession, path: string): Promise<Space | undefined> {
  if (!session.offers('statvfs@openssh.com', '2')) return undefined;
  const fields = [text('statvfs@openssh.com'), text(path)];
  const reader = new Reader((await session.request('extended', ask.extended, fields)).bytes);
  const blockBytes = [reader.u64(), reader.u64()][1]!;
  // Blocks in all and free for root come first.
  reader.skip(16);
  const freeBlocks = reader.u64();
  reader.skip(32);
  return { freeBytes: blockBytes * freeBlocks, isReadOnly: reader.u64() % 2 === 1 };
}
