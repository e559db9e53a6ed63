/**
 * Which cached repository belongs to a store, so that its copy is found when the store cannot be asked. Only a hash of
 * the store's location is kept. As with the cache, whatever goes wrong here is nobody's failure.
 */
import { hash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chance } from '../base/chance.ts';
import { makeFolders } from '../system/make-folders.ts';
import { fileNamePattern } from './backend.ts';

const folder = 'places';

function pathOf(root: string, location: string): string {
  return join(root, folder, hash('sha256', location, 'hex'));
}

/** `location`: a backend's own, which has no secrets. */
export async function rememberPlace(
  root: string,
  location: string,
  repositoryId: string,
  chance: Chance,
): Promise<void> {
  if ((await placeIn(root, location)) === repositoryId) return;
  const path = pathOf(root, location);
  const draft = `${path}-${Buffer.from(chance.bytes(8)).toString('hex')}`;
  try {
    makeFolders(join(root, folder), 0o700);
    await writeFile(draft, repositoryId, { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch {
    // The copy is not found then.
  }
}

/** The repository's id; undefined where none is known. */
export async function placeIn(root: string, location: string): Promise<string | undefined> {
  const id = await readFile(pathOf(root, location), 'utf8').catch(() => '');
  return fileNamePattern.test(id) ? id : undefined;
}
