/**
 * Who holds locks on a repository, and whether they still mean something. What is seen is remembered, so that two
 * looks some minutes apart can prove what one cannot. `removeLocks` takes away what it is told to, and nothing else.
 */
import { wallMs } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import { decodeLock, type Lock } from '../format/lock-file.ts';
import type { LockLook } from '../journal/lock-memory.ts';
import { lockVerdict } from '../machine/lock-verdict.ts';
import type { LockVerdict } from '../protocol/lock-view.ts';
import { ownLeftovers, wallMsOf } from '../repo/own-locks.ts';
import type { Repository } from '../repo/repository.ts';
import { decodeFile, loadFile } from '../repo/unpacked-files.ts';

export interface LockHolderView {
  /** Its files: a refresh writes a new one, and some leave the one before for a while. */
  readonly ids: readonly Id[];
  /** The newest of them; undefined where it cannot be read. */
  readonly lock: Lock | undefined;
  /** Of this machine's Slackwater. */
  readonly ours: boolean;
  readonly verdict: LockVerdict;
}

interface ListedLock {
  readonly id: Id;
  readonly lock: Lock | undefined;
  readonly holder: string;
}

export async function viewLocks(repository: Repository): Promise<LockHolderView[]> {
  const { clock, locks: memory } = repository.world;
  const nowMs = wallMs(clock);
  const listed = await listLocks(repository);
  const looks = withNewLooks(memory?.looks(repository.config.id) ?? [], listed, nowMs);
  memory?.rememberLooks(repository.config.id, looks);
  const own = new Set(memory?.ownLocks(repository.config.id).map(({ id }) => id));
  const leftovers = new Set((await ownLeftovers(repository)).over);
  const holders = new Set(listed.map(({ holder }) => holder));
  return [...holders].map((holder) => {
    const files = listed.filter((each) => each.holder === holder);
    const seen = looks.filter((each) => each.holder === holder);
    return viewHolder(repository, files, seen, own, leftovers, nowMs);
  });
}

function viewHolder(
  { world }: Repository,
  files: readonly ListedLock[],
  looks: readonly LockLook[],
  own: ReadonlySet<Id>,
  leftovers: ReadonlySet<Id>,
  nowMs: number,
): LockHolderView {
  const newest = files.reduce((a, b) => (timeOf(b) > timeOf(a) ? b : a));
  const { id, lock } = newest;
  const seen = {
    holder: lock,
    refreshedMs: timeOf(newest),
    firstSeenMs: Math.min(...looks.map(({ firstSeenMs }) => firstSeenMs)),
    newestSeenMs: looks.find((look) => look.id === id)?.firstSeenMs ?? nowMs,
    lastSeenMs: nowMs,
  };
  const isThisHost = lock?.hostname === world.host.hostname;
  const process = (isThisHost ? world.lookAtProcess?.(lock.pid) : undefined) ?? { is: 'unknown' };
  const facts = {
    isOwnLeftover: files.every((file) => leftovers.has(file.id)),
    isThisHost,
    process: process.is,
    ...(process.sinceMs === undefined ? {} : { processSinceMs: process.sinceMs }),
  };
  const isMe = isThisHost && lock?.pid === world.host.pid;
  const ours = isMe || files.some((file) => own.has(file.id));
  return { ids: files.map((file) => file.id), lock, ours, verdict: lockVerdict(seen, facts, nowMs) };
}

function timeOf({ lock }: ListedLock): number {
  return lock === undefined ? 0 : wallMsOf(lock);
}

async function listLocks(repository: Repository): Promise<ListedLock[]> {
  const listed: ListedLock[] = [];
  for await (const { name: id, sizeBytes } of repository.backend.list('lock')) {
    const lock = sizeBytes === 0 ? undefined : await readLock(repository, id);
    if (lock === 'gone') continue;
    const { hostname, username, pid, exclusive } = lock ?? {};
    const holder = lock === undefined ? id : JSON.stringify([hostname, username, pid, exclusive]);
    listed.push({ id, lock, holder });
  }
  return listed;
}

async function readLock(repository: Repository, id: Id): Promise<Lock | 'gone' | undefined> {
  try {
    return decodeFile('lock', id, await loadFile(repository, 'lock', id), decodeLock);
  } catch (error) {
    return isFailure(error, 'not-found') ? 'gone' : undefined;
  }
}

/** What is known of holders that are still there, and what is seen now. */
function withNewLooks(before: readonly LockLook[], listed: readonly ListedLock[], nowMs: number): LockLook[] {
  const holders = new Set(listed.map(({ holder }) => holder));
  const looks = new Map(before.filter(({ holder }) => holders.has(holder)).map((look) => [look.id, look]));
  for (const { id, holder } of listed)
    looks.set(id, { id, holder, firstSeenMs: looks.get(id)?.firstSeenMs ?? nowMs, lastSeenMs: nowMs });
  return [...looks.values()];
}

export async function removeLocks({ backend, config, world }: Repository, ids: readonly Id[]): Promise<void> {
  for (const name of ids) {
    await backend.remove({ type: 'lock', name });
    world.locks?.lockRemoved(config.id, name);
  }
}
