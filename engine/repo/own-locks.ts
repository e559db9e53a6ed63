/**
 * Which lock files of a repository are ours: noted before they are written, forgotten when they are gone, so that what
 * a crash leaves can be removed. One that a living process of ours may hold, is left alone.
 */
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
  removed(id: Id): void;
  /** Nobody of this process holds what is left of it: whoever comes next removes it. */
  ended(): void;
}

/** For one lock of this process. */
export function ownMarks({ config, world }: Repository): OwnMarks {
  const ids = new Set<Id>();
  return {
    written(id) {
      ids.add(id);
      heldHere.add(heldBy(world, id));
      world.locks?.lockWritten(config.id, id);
    },
    removed(id) {
      ids.delete(id);
      heldHere.delete(heldBy(world, id));
      world.locks?.lockRemoved(config.id, id);
    },
    ended() {
      for (const id of ids) heldHere.delete(heldBy(world, id));
    },
  };
}

function heldBy({ host }: World, id: Id): string {
  return `${host.pid} ${id}`;
}

/** Names of ours whose process has ended. What is gone from the store is forgotten. */
export async function ownLeftovers(repository: Repository): Promise<Id[]> {
  const { config, world } = repository;
  const leftovers: Id[] = [];
  for (const id of world.locks?.ownLocks(config.id) ?? []) {
    if (heldHere.has(heldBy(world, id))) continue;
    try {
      const lock = decodeFile('lock', id, await loadFile(repository, 'lock', id), decodeLock);
      if (isOver(repository, lock)) leftovers.push(id);
    } catch (error) {
      if (isFailure(error, 'not-found')) world.locks?.lockRemoved(config.id, id);
    }
  }
  return leftovers;
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
