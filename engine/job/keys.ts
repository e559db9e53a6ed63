/**
 * The passwords of a repository: listed, added, removed, changed. Each is a key file that seals the one master key.
 * A new one is proven to open before it is relied on; the last one, and the one in use, are never removed.
 */
import { Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Secret } from '../base/secret.ts';
import { formatTime } from '../format/go-time.ts';
import { type Id, shortId } from '../format/id.ts';
import { type KdfCost, makeKeyFile, openKeyFile } from '../format/key-file.ts';
import type { SealKey } from '../format/seal.ts';
import { withLock } from '../repo/hold-lock.ts';
import { listKeys, loadKeyFile, saveKeyFile } from '../repo/keyring.ts';
import type { Repository } from '../repo/repository.ts';
import { chooseId } from '../repo/snapshots.ts';

export interface KeyFacts {
  readonly id: Id;
  /** The one that opened the repository. */
  readonly current: boolean;
  readonly username: string;
  readonly hostname: string;
  /** RFC 3339. */
  readonly created: string;
}

export interface KeyRequest {
  readonly lockRetryMs: number;
  /** What the new key says about itself; this host and user, where it is left out. */
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
  request: KeyRequest,
  signal: AbortSignal,
): Promise<Id> {
  const lock = { exclusive: false, retryMs: request.lockRetryMs, signal };
  return await withLock(repository, lock, async (workSignal) => {
    if ((await listKeys(repository.backend)).length >= limits.keysTriedMax) {
      throw new Failure('usage', {
        why: `There are ${limits.keysTriedMax} keys, and no more are tried when a repository is opened. Remove one first.`,
      });
    }
    return await storeKey(repository, password, request, workSignal);
  });
}

/** `name` is an id or its beginning. Fails with `not-found`, `ambiguous-id`, or `usage` for the key in use. */
export async function removeKey(
  repository: Repository,
  name: string,
  request: Pick<KeyRequest, 'lockRetryMs'>,
  signal: AbortSignal,
): Promise<Id> {
  return await withLock(repository, { exclusive: true, retryMs: request.lockRetryMs, signal }, async () => {
    const { backend, keyId } = repository;
    const ids = await listKeys(backend);
    const id = chooseId(ids, name, 'key');
    if (id === keyId) {
      throw new Failure('usage', {
        why: 'The key that opened the repository cannot be removed. Open it with another password to remove this one.',
      });
    }
    if (!ids.includes(keyId)) {
      throw new Failure('usage', {
        why: 'The key that opened the repository is gone, so no other is removed: it may be the last.',
      });
    }
    await backend.remove({ type: 'key', name: id });
    return id;
  });
}

/** Replaces the key in use by a new one; the old is removed only once the new was proven. The id of the new key. */
export async function changePassword(
  repository: Repository,
  password: Secret<string>,
  request: KeyRequest,
  signal: AbortSignal,
): Promise<Id> {
  const lock = { exclusive: true, retryMs: request.lockRetryMs, signal };
  return await withLock(repository, lock, async (workSignal) => {
    const id = await storeKey(repository, password, request, workSignal);
    // From here on it is seen through: a cancel would leave the old password valid, which nobody would expect.
    await repository.backend.remove({ type: 'key', name: repository.keyId });
    return id;
  });
}

async function storeKey(
  { backend, key, world }: Repository,
  password: Secret<string>,
  request: KeyRequest,
  signal: AbortSignal,
): Promise<Id> {
  const { username = world.host.username, hostname = world.host.hostname, kdfCost } = request;
  const who = { created: formatTime(world.clock.wallNs()), username, hostname };
  const file = makeKeyFile(key, password.reveal(), who, world.chance, kdfCost);
  signal.throwIfAborted();
  const id = await saveKeyFile(backend, file);
  try {
    const opened = openKeyFile(await loadKeyFile(backend, id), password.reveal());
    if (opened === undefined || !isSameKey(opened, key)) throw new Failure('verification-failed', { what: 'key', id });
    signal.throwIfAborted();
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
