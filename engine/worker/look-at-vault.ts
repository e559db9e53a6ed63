/** What is to be known about a vault at a glance: how many snapshots, how much room, and who works in it. */
import type { LockView } from '../protocol/app-state.ts';
import type { VaultFacts } from '../protocol/engine-calls.ts';
import { readLocks } from '../repo/other-locks.ts';
import type { Repository } from '../repo/repository.ts';
import { listSnapshotIds } from '../repo/snapshots.ts';
import { msOf } from './browse-answers.ts';
import { freeBytesAt } from './test-place.ts';

const storedTypes = ['pack', 'index', 'snapshot', 'key'] as const;

export async function lookAtVault(repository: Repository): Promise<VaultFacts> {
  const { backend } = repository;
  let storedBytes = 0;
  for (const type of storedTypes)
    for await (const { sizeBytes } of backend.list(type)) storedBytes += sizeBytes;
  const freeBytes = backend.folder === undefined ? undefined : await freeBytesAt(backend.folder);
  return {
    snapshots: (await listSnapshotIds(repository)).length,
    storedBytes,
    ...(freeBytes === undefined ? {} : { freeBytes }),
    locks: await viewLocks(repository),
  };
}

/** A lock that cannot be read is left out: it names nobody. */
async function viewLocks(repository: Repository): Promise<LockView[]> {
  const { host } = repository.world;
  return (await readLocks(repository)).flatMap((read) => {
    if (!('lock' in read)) return [];
    const { hostname, username, pid, time, exclusive } = read.lock;
    const ours = hostname === host.hostname && pid === host.pid;
    return [{ id: read.id, hostname, username, pid, sinceMs: msOf(time), exclusive, ours }];
  });
}
