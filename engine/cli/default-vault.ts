/**
 * The vault for those who name none: a repository in the platform's data folder, opened by a generated key beside it.
 * The key is durable before the repository is; the repository appears whole, by a rename, or not at all, so two that
 * make it at once end up in one. A vault whose key is lost is told, never replaced by a new one.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { openBackend } from '../backend/open-backend.ts';
import type { Chance } from '../base/chance.ts';
import { Failure, fromSystemError } from '../base/failure.ts';
import { Secret } from '../base/secret.ts';
import { formatTime } from '../format/go-time.ts';
import { dataFolder } from '../journal/data-folder.ts';
import { recoverySheet } from '../protocol/recovery-sheet.ts';
import { typeableKey, typeableKeyBytes } from '../protocol/typeable-key.ts';
import { initRepository, type World } from '../repo/repository.ts';
import type { Surroundings } from './command.ts';
import { exists, makePrivateFolder, readPrivateFile, syncFolder, writePrivateFile } from './private-file.ts';

export interface VaultPlaces {
  readonly folder: string;
  readonly repository: string;
  readonly keyFile: string;
  readonly sheet: string;
}

type Where = Pick<Surroundings, 'environment' | 'platform' | 'home'>;

export function vaultPlaces(where: Where): VaultPlaces {
  const { platform, home, environment } = where;
  const folder = resolve(dataFolder(platform, home || homedir(), environment));
  return {
    folder,
    repository: join(folder, 'vault'),
    keyFile: join(folder, 'vault-key'),
    sheet: join(folder, 'recovery-sheet.txt'),
  };
}

/**
 * The key of the vault that is there. Fails with `repository-missing` where there is no vault yet, with
 * `password-missing` where there is one but its key is lost.
 */
export async function vaultKey(places: VaultPlaces): Promise<Secret<string>> {
  if (!(await isVaultThere(places))) {
    throw new Failure('repository-missing', {
      location: places.repository,
      create: 'slackwater backup FOLDER',
    });
  }
  const key = (await readPrivateFile(places.keyFile))?.trim();
  if (key) return new Secret(key);
  throw keyLost(places);
}

/** A missing or empty folder is no vault yet. */
export async function isVaultThere({ folder, repository }: VaultPlaces): Promise<boolean> {
  if (!(await exists(folder, 'folder')) || !(await exists(repository, 'folder'))) return false;
  try {
    return (await readdir(repository)).length > 0;
  } catch (error) {
    throw fromSystemError(error, 'list', repository);
  }
}

/** Makes the vault, with a key that is there already or a new one, and the recovery sheet. */
export async function createVault(
  places: VaultPlaces,
  world: World,
  platform: NodeJS.Platform,
): Promise<void> {
  await makePrivateFolder(places.folder);
  if (await isVaultThere(places)) throw new Failure('repository-exists', { location: places.repository });
  await writePrivateFile(places.keyFile, `${generateKey(world.chance)}\n`, world.chance, { fresh: true });
  // Ours, or that of whoever was faster.
  const key = (await readPrivateFile(places.keyFile))?.trim();
  if (!key) throw keyLost(places);
  const draft = `${places.repository}-new-${Buffer.from(world.chance.bytes(8)).toString('hex')}`;
  try {
    await initRepository(openBackend(draft, world), new Secret(key), world);
    await writeSheet(places, key, world, platform);
    await rename(draft, places.repository);
    await syncFolder(places.folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Where someone else made the vault meanwhile, with the same key, theirs is as good.
    if (!(await isVaultThere(places))) throw fromSystemError(error, 'create', places.repository);
  }
}

/** Writes the new key of the vault, and the sheet with it. The old one must still open the vault meanwhile. */
export async function replaceVaultKey(
  places: VaultPlaces,
  key: Secret<string>,
  world: World,
  platform: NodeJS.Platform,
): Promise<void> {
  await writePrivateFile(places.keyFile, `${key.reveal()}\n`, world.chance, { fresh: false });
  await writeSheet(places, key.reveal(), world, platform);
}

async function writeSheet(
  places: VaultPlaces,
  key: string,
  world: World,
  platform: NodeJS.Platform,
): Promise<void> {
  const madeOn = formatTime(world.clock.wallNs());
  const { repository: location, keyFile } = places;
  const sheet = recoverySheet({ location, key, keyFile, hostname: world.host.hostname, madeOn, platform });
  await writePrivateFile(places.sheet, sheet, world.chance, { fresh: false });
}

function keyLost({ repository, keyFile }: VaultPlaces): Failure {
  return new Failure('password-missing', {
    why: `Your vault ${repository} is there, but its key ${keyFile} is missing.`,
    todo: `Write the key from your recovery sheet into that file, or name the vault with -r and type the key.`,
  });
}

export function generateKey(chance: Chance): string {
  return typeableKey(chance.bytes(typeableKeyBytes));
}
