/**
 * Looks whether a vault can be in a remote store: reaches it, and where nothing is there, writes a small file, reads it
 * back and removes it. It is a lock by its name: the only kind of file that a store that keeps everything lets go of.
 */
import { hash } from 'node:crypto';
import { type Backend, configFile, type FileName } from '../backend/backend.ts';
import { Failure, isFailure } from '../base/failure.ts';
import type { PlaceTest } from '../protocol/app-calls.ts';
import type { World } from '../repo/repository.ts';

/** Fails as the backend does. */
export async function testRemotePlace(backend: Backend, { chance, clock }: World): Promise<PlaceTest> {
  if (await isRepository(backend)) return { at: 'repository' };
  for (const type of ['key', 'snapshot', 'pack'] as const) {
    for await (const _file of backend.list(type))
      throw new Failure('file-exists', { path: backend.location });
  }
  await backend.create();
  const content = chance.bytes(4_096);
  const probe: FileName = { type: 'lock', name: hash('sha256', content, 'hex') };
  const startMs = clock.elapsedMs();
  try {
    await backend.save(probe, [content]);
    const writeMs = clock.elapsedMs() - startMs;
    if (!Buffer.from(content).equals(await backend.load(probe)))
      throw new Failure('verification-failed', { what: 'file', id: probe.name });
    return { at: 'empty', writable: true, writeMs };
  } finally {
    await backend.remove(probe);
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
