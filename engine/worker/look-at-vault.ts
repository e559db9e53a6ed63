/** What is to be known about a vault at a glance: how many snapshots, how much room, and who works in it. */
import type { VaultFacts } from '../protocol/engine-calls.ts';
import type { Repository } from '../repo/repository.ts';
import { listSnapshotIds } from '../repo/snapshots.ts';
import { lookAtWork } from './lock-answers.ts';
import { freeBytesAt } from './test-place.ts';

const storedTypes = ['pack', 'index', 'snapshot', 'key'] as const;

export async function lookAtVault(repository: Repository): Promise<VaultFacts> {
  const { backend } = repository;
  let storedBytes = 0;
  for (const type of storedTypes)
    for await (const { sizeBytes } of backend.list(type)) storedBytes += sizeBytes;
  const freeBytes = backend.folder === undefined ? undefined : await freeBytesAt(backend.folder);
  return {
    repositoryId: repository.config.id,
    snapshots: (await listSnapshotIds(repository)).length,
    storedBytes,
    ...(freeBytes === undefined ? {} : { freeBytes }),
    ...(await lookAtWork(repository)),
  };
}
