/**
 * Looks whether a vault can be in a remote store: reaches it, and where nothing is there, writes a small file, reads it
 * back and removes it, each with its time. It is a lock by its name: the only kind of file that a store that keeps
 * everything lets go of.
 */
import { hash } from 'node:crypto';
import { type Backend, configFile, type FileName } from '../backend/backend.ts';
import { Failure, isFailure } from '../base/failure.ts';
import type { PlaceTest } from '../protocol/app-calls.ts';
import type { World } from '../repo/repository.ts';

/** Fails as the backend does. */
export async function testRemotePlace(backend: Backend, { chance, clock }: World): Promise<PlaceTest> {
  const timed = async <Result>(work: () => Promise<Result>): Promise<[Result, number]> => {
    const startMs = clock.elapsedMs();
    return [await work(), clock.elapsedMs() - startMs];
  };
  const [isThere, reachMs] = await timed(() => isRepository(backend));
  if (isThere) return { at: 'repository', reachMs };
  for (const type of ['key', 'snapshot', 'pack'] as const) {
    for await (const _file of backend.list(type))
      throw new Failure('file-exists', { path: backend.location });
  }
  await backend.create();
  const content = chance.bytes(4_096);
  const probe: FileName = { type: 'lock', name: hash('sha256', content, 'hex') };
  let isThereStill = true;
  try {
    const [, writeMs] = await timed(() => backend.save(probe, [content]));
    const [readBack, readMs] = await timed(() => backend.load(probe));
    if (!Buffer.from(content).equals(readBack))
      throw new Failure('verification-failed', { what: 'file', id: probe.name });
    const [, removeMs] = await timed(() => backend.remove(probe));
    isThereStill = false;
    return { at: 'empty', writable: true, writeMs, times: { reachMs, readMs, removeMs } };
  } finally {
    // What failed is told, not that this fails as well.
    if (isThereStill) await backend.remove(probe).catch(() => undefined);
  }
}

async function isRepository(backend: Backend): Promise<boolean> {
  try {
    return (await backend.stat(configFile)) > 0;
  } catch (error) {
    if (isFailure(error, 'not-found')) return false;
    throw error;
  }
}
