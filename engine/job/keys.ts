/**
 * The passwords of a repository: listed, added, removed, changed. Each is a key file that seals the one master key.
 * A new one is proven to open before it is relied on; the one in use is never removed, so neither is the last. The
 * caller holds the lock: a shared one to list and add, an exclusive one to remove and change.
 */
import { Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Secret } from '../base/secret.ts';
import { formatTime } from '../format/go-time.ts';
import { type Id, idOf, shortId } from '../format/id.ts';
import { encodeKeyFile, type KdfCost, makeKeyFile, openKeyFile } from '../format/key-file.ts';
import type { SealKey } from '../format/seal.ts';
import { listKeys, loadKeyFile, saveKeyFile } from '../repo/keyring.ts';
import type { Repository } from '../repo/repository.ts';
import { chooseId } from '../repo/snapshots.ts';

export interface KeyFacts {
  readonly id: Id;
  /** The one that opened the repository. */
  readonly current: boolean;
  readonly username: string;
  readonly hostname: string;
  /** RFC 3339, if the key's maker kept to it. */
  readonly created: string;
}

/** What a new key says about itself; this host and user, where it is left out. */
export interface NewKey {
  readonly username?: string | undefined;
  readonly hostname?: string | undefined;
  readonly kdfCost?: KdfCost | undefined;
}

/** A key that cannot be read is told through the log and passed over. */
export async function listKeyFacts(repository: Repository): Promise<KeyFacts[]> {
  const { backend, keyId, world } = repository;
  const facts: KeyFacts[] = [];
  for (const id of await listKeys(backend)) {
    try {
      const { username, hostname, created } = await loadKeyFile(backend, id);
      facts.push({ id, current: id === keyId, username, hostname, created });
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (error.code !== 'not-found') world.log.warn(`key ${shortId(id)} cannot be read; it is passed over`);
    }
  }
  return facts;
}

/**
 * The id of the new key. Fails with `verification-failed`, and leaves nothing, where it does not open; with `usage`
 * where there are as many keys as are ever tried, since the new one might not be among them.
 */
export async function addKey(
  repository: Repository,
  password: Secret<string>,
  newKey: NewKey = {},
): Promise<Id> {
  await refuseMoreThan(limits.keysTriedMax - 1, repository);
  return await storeKey(repository, password, newKey);
}

/** Keys beyond those that are tried are of no use: their passwords may never be found. */
async function refuseMoreThan(keysMax: number, { backend }: Repository): Promise<void> {
  const { length } = await listKeys(backend);
  if (length <= keysMax) return;
  throw new Failure('usage', {
    why: `There are ${length} keys, and only ${limits.keysTriedMax} are tried when a repository is opened. Remove one first.`,
  });
}

/** `name` is an id or its beginning. Fails with `not-found`, `ambiguous-id`, or `usage` for the key in use. */
export async function removeKey({ backend, keyId }: Repository, name: string): Promise<Id> {
  const ids = await listKeys(backend);
  const id = chooseId(ids, name, 'key');
  if (id === keyId) {
    throw new Failure('usage', {
      why: 'That is the key in use, which cannot be removed.',
      instead: 'Open the repository with another password, or change this one.',
    });
  }
  if (!ids.includes(keyId)) {
    throw new Failure('usage', {
      why: 'The key in use was removed by somebody else, so no other is removed: it may be the last.',
    });
  }
  await backend.remove({ type: 'key', name: id });
  return id;
}

/**
 * Replaces the key in use by a new one, whose id it gives. The old one is removed last: after the new one was proven,
 * and after `beforeRemoval`, which may write the new password down. Where that fails, both keys stay valid. Fails with
 * `usage` where there are more keys than are ever tried.
 */
export async function changePassword(
  repository: Repository,
  password: Secret<string>,
  newKey: NewKey = {},
  beforeRemoval: (id: Id) => Promise<void> = async () => {},
): Promise<Id> {
  await refuseMoreThan(limits.keysTriedMax, repository);
  const id = await storeKey(repository, password, newKey);
  await beforeRemoval(id);
  await repository.backend.remove({ type: 'key', name: repository.keyId });
  return id;
}

async function storeKey(
  { backend, key, world }: Repository,
  password: Secret<string>,
  newKey: NewKey,
): Promise<Id> {
  const { username = world.host.username, hostname = world.host.hostname, kdfCost } = newKey;
  const who = { created: formatTime(world.clock.wallNs()), username, hostname };
  const file = await makeKeyFile(key, password.reveal(), who, world.chance, kdfCost);
  const id = idOf(encodeKeyFile(file));
  try {
    await saveKeyFile(backend, file);
    const opened = await openKeyFile(await loadKeyFile(backend, id), password.reveal());
    if (opened === undefined || !isSameKey(opened, key)) {
      throw new Failure('verification-failed', { what: 'key', id });
    }
  } catch (error) {
    await backend.remove({ type: 'key', name: id }).catch(() => undefined);
    throw error;
  }
  return id;
}

function isSameKey(a: SealKey, b: SealKey): boolean {
  const bytes = ({ encrypt, macK, macR }: SealKey): Buffer => Buffer.concat([encrypt, macK, macR]);
  return bytes(a).equals(bytes(b));
}
