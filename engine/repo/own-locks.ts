/**
 * Which lock files of a repository are ours: noted before they are written, forgotten when they are gone for good, so
 * that what a crash leaves can be removed, also where it arrives only after the crash. One that a living process of ours
 * may hold, is left alone.
 */
import { wallMs } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { parseTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import { decodeLock, type Lock } from '../format/lock-file.ts';
import type { Repository, World } from './repository.ts';
import { decodeFile, loadFile } from './unpacked-files.ts';

/** What this process itself holds, after its number: in a simulation, one process comes after the other. */
const heldHere = new Set<string>();

export interface OwnMarks {
  written(id: Id): void;
  /** It was seen in the store: once it is removed, no request is on its way that could bring it. */
  proven(id: Id): void;
  removed(id: Id): void;
  /** Nobody of this process holds what is left of it: whoever comes next removes it. Whether nothing is left. */
  ended(): boolean;
}

/** For one lock of this process. */
export function ownMarks({ config, world }: Repository): OwnMarks {
  const ids = new Set<Id>();
  const proven = new Set<Id>();
  const written = (id: Id): void => {
    ids.add(id);
    heldHere.add(heldBy(world, id));
    world.locks?.lockWritten(config.id, { id, writtenMs: wallMs(world.clock) });
  };
  return {
    written,
    proven(id) {
      proven.add(id);
      // If that took long, another process of ours has missed it and forgotten its name.
      if (ids.has(id)) written(id);
    },
    removed(id) {
      ids.delete(id);
      heldHere.delete(heldBy(world, id));
      if (proven.has(id)) world.locks?.lockRemoved(config.id, id);
    },
    ended() {
      for (const id of ids) heldHere.delete(heldBy(world, id));
      return ids.size === 0;
    },
  };
}

function heldBy({ host }: World, id: Id): string {
  return `${host.pid} ${id}`;
}

export interface OwnLeft {
  /** There, and their process has ended. */
  readonly over: Id[];
  /** Not there; they may be on their way. */
  readonly missed: Id[];
}

/** What is left of those who are no more. A name that is not in the store is forgotten when nothing can bring it any more. */
export async function ownLeftovers(repository: Repository): Promise<OwnLeft> {
  const { config, world } = repository;
  const left: OwnLeft = { over: [], missed: [] };
  const names = (world.locks?.ownLocks(config.id) ?? []).filter(({ id }) => !heldHere.has(heldBy(world, id)));
  // Together: across an ocean, each question takes its time.
  const looks = await Promise.all(
    names.map(async (lock) => ({ ...lock, is: await lookAt(repository, lock.id) })),
  );
  for (const { id, writtenMs, is } of looks) {
    if (is === 'over') left.over.push(id);
    if (is !== 'missed') continue;
    // Where a clock was wrong then, or is now, it counts as long ago.
    const isLongAgo = Math.abs(wallMs(world.clock) - writtenMs) > limits.lateRequestMsMax;
    if (isLongAgo) await forget(repository, id);
    else left.missed.push(id);
  }
  return left;
}

/** In a folder, a process that was killed while it wrote leaves half a file, which no listing shows. */
async function forget({ backend, config, world }: Repository, id: Id): Promise<void> {
  if (backend.folder !== undefined) await backend.remove({ type: 'lock', name: id }).catch(() => undefined);
  world.locks?.lockRemoved(config.id, id);
}

async function lookAt(repository: Repository, id: Id): Promise<'over' | 'missed' | 'unknown'> {
  try {
    const lock = decodeFile('lock', id, await loadFile(repository, 'lock', id), decodeLock);
    return isOver(repository, lock) ? 'over' : 'unknown';
  } catch (error) {
    return isFailure(error, 'not-found') ? 'missed' : 'unknown';
  }
}

/** Those that arrived after they were missed: nobody might come for a long time who would remove them. Never fails. */
export async function removeArrived(repository: Repository, missed: readonly Id[]): Promise<void> {
  const { backend, config, world } = repository;
  for (const id of missed) {
    if (heldHere.has(heldBy(world, id)) || (await lookAt(repository, id)) !== 'over') continue;
    try {
      await backend.remove({ type: 'lock', name: id });
      world.locks?.lockRemoved(config.id, id);
    } catch {
      // It is remembered: whoever comes next removes it.
    }
  }
}

/** A folder that several machines share says nothing about the processes of the others. */
function isOver({ world }: Repository, lock: Lock): boolean {
  if (lock.hostname !== world.host.hostname) return false;
  if (lock.pid === world.host.pid) return true;
  const process = world.lookAtProcess?.(lock.pid) ?? { is: 'unknown' };
  if (process.is === 'running' && process.sinceMs !== undefined)
    return process.sinceMs > wallMsOf(lock) + limits.clockDoubtMs;
  return process.is === 'gone';
}

export function wallMsOf({ time }: Lock): number {
  return Number(parseTime(time) / 1_000_000n);
}
