/** One file to an SFTP server, whole under its name or not there; what was begun is cleared away when it fails. */
import { Failure } from '../../base/failure.ts';
import type { CallSignal } from '../call-signal.ts';
import {
  attributesOf,
  attributesOfOpen,
  canReplace,
  close,
  closeSoon,
  type Handle,
  openNew,
  openToRead,
  readRange,
  removeFile,
  rename,
  setModeOfOpen,
  spaceAt,
  sync,
  writeAll,
} from './calls.ts';
import type { Modes } from './modes.ts';
import { status } from './packets.ts';
import { failureOf, isRefusal } from './refusal.ts';
import type { SftpSession } from './session.ts';

export interface Saving {
  readonly path: string;
  /** The temporary name, in the same folder. */
  readonly draft: string;
  readonly parts: readonly Uint8Array[];
  readonly modes: Modes;
}

/** Fails with `not-found` where the folder is missing, with `no-space`, `read-only`, `permission-denied` or `io`. */
export async function saveFile(session: SftpSession, saving: Saving, signal?: CallSignal): Promise<void> {
  const { draft, modes } = saving;
  let handle: Handle | undefined;
  try {
    handle = await openNew(session, draft, modes.file, signal);
    await fill(session, handle, saving, signal);
    const filled = handle;
    handle = undefined;
    await close(session, filled, signal);
    await giveName(session, saving, signal);
  } catch (error) {
    const failure = isRefusal(error) ? await reasonOf(session, saving, error) : error;
    if (handle !== undefined) closeSoon(session, handle);
    // Not waited for: whoever cancelled has gone, and a session that broke fails it at once.
    void removeFile(session, draft).catch(() => undefined);
    throw failure;
  }
}

async function fill(
  session: SftpSession,
  handle: Handle,
  { path, parts, modes }: Saving,
  signal: CallSignal | undefined,
): Promise<void> {
  await writeAll(session, handle, parts, signal);
  // All three in one round trip. A server that knows no permissions is as good.
  const [{ sizeBytes }] = await Promise.all([
    attributesOfOpen(session, handle, signal),
    setModeOfOpen(session, handle, modes.stored).catch(() => undefined),
    sync(session, handle, signal),
  ]);
  if (sizeBytes !== undefined && sizeBytes !== lengthOf(parts))
    throw new Failure('io', { operation: 'write', path, errno: 'short write' }, { next: 'now' });
}

/** Where the server cannot replace, what is there is left if it is the same, and makes place if it is not. */
async function giveName(
  session: SftpSession,
  { path, draft, parts }: Saving,
  signal?: CallSignal,
): Promise<void> {
  try {
    await rename(session, draft, path, signal);
  } catch (error) {
    if (!isRefusal(error) || canReplace(session)) throw error;
    const there = await attributesOf(session, path, signal).catch(() => undefined);
    if (there === undefined) throw error;
    if (there.sizeBytes === lengthOf(parts) && (await isSame(session, path, parts, signal)))
      return void removeFile(session, draft).catch(() => undefined);
    await removeFile(session, path, signal);
    await rename(session, draft, path, signal);
  }
}

async function isSame(
  session: SftpSession,
  path: string,
  parts: readonly Uint8Array[],
  signal: CallSignal | undefined,
): Promise<boolean> {
  const handle = await openToRead(session, path, signal);
  try {
    const there = await readRange(session, handle, { offset: 0, length: lengthOf(parts) }, signal);
    return there !== undefined && Buffer.concat(parts).equals(there);
  } finally {
    closeSoon(session, handle);
  }
}

/** A server says "failure" for a full disk as for much else: its free space tells which. */
async function reasonOf(
  session: SftpSession,
  { path, draft, parts }: Saving,
  refusal: unknown,
): Promise<unknown> {
  const folder = draft.slice(0, draft.lastIndexOf('/'));
  const isVague = isRefusal(refusal, status.failure) || isRefusal(refusal, status.permissionDenied);
  const space = isVague ? await spaceAt(session, folder).catch(() => undefined) : undefined;
  const detail = { operation: 'write', path, errno: 'the server only says that it failed' };
  if (space?.isReadOnly) return new Failure('read-only', detail);
  if (isRefusal(refusal, status.failure) && space !== undefined && space.freeBytes < lengthOf(parts))
    return new Failure('no-space', detail, { next: 'later' });
  return failureOf(refusal, 'write', path);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
