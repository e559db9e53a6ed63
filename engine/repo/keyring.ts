/** The keys of a repository: each opens the same master key with a password of its own. */
import type { Backend } from '../backend/backend.ts';
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import { type Id, idOf, shortId } from '../format/id.ts';
import { decodeKeyFile, encodeKeyFile, type KeyFile, openKeyFile } from '../format/key-file.ts';
import type { SealKey } from '../format/seal.ts';

export interface OpenedKey {
  readonly id: Id;
  /** The master key that it holds. */
  readonly key: SealKey;
}

/**
 * Tries the keys in the order of the listing. A key that cannot be read is passed over with a warning: one bad
 * file must not lock out those whose key is whole. Fails with `password-wrong`, or `damaged` where no key could
 * be read at all. `ids`: of the key files, where they were listed already.
 */
export async function openWithPassword(
  backend: Backend,
  password: Secret<string>,
  log: Log,
  ids?: readonly Id[],
): Promise<OpenedKey> {
  let unreadable: unknown;
  let tried = 0;
  for (const id of ids ?? (await listKeys(backend))) {
    if (tried === limits.keysTriedMax) break;
    try {
      const file = await loadKeyFile(backend, id);
      tried++;
      const key = openKeyFile(file, password.reveal());
      if (key !== undefined) return { id, key };
    } catch (error) {
      unreadable = asDamagedKey(id, error);
      log.warn(`key ${shortId(id)} cannot be read; it is passed over`);
    }
  }
  if (tried === 0 && unreadable !== undefined) throw unreadable;
  throw new Failure('password-wrong', { location: backend.location });
}

export async function listKeys(backend: Backend): Promise<Id[]> {
  const ids: Id[] = [];
  for await (const { name } of backend.list('key')) ids.push(name);
  return ids;
}

/** Fails with `not-found`, or `damaged` where the file is not what its name says, or malformed. */
export async function loadKeyFile(backend: Backend, id: Id): Promise<KeyFile> {
  const bytes = await backend.load({ type: 'key', name: id });
  if (idOf(bytes) !== id) throw damaged('key', id, 'its content does not match its name');
  try {
    return decodeKeyFile(bytes);
  } catch (error) {
    throw asDamagedKey(id, error);
  }
}

/** The id of the key, once it was read back. Where that fails, nothing of it stays. */
export async function saveKeyFile(backend: Backend, key: KeyFile): Promise<Id> {
  const bytes = encodeKeyFile(key);
  const id = idOf(bytes);
  const file = { type: 'key', name: id } as const;
  await backend.save(file, [bytes]);
  if (idOf(await backend.load(file)) !== id) {
    await backend.remove(file).catch(() => undefined);
    throw new Failure('verification-failed', { what: 'key', id });
  }
  return id;
}

function asDamagedKey(id: Id, error: unknown): Failure {
  if (isFailure(error)) return error;
  return damaged('key', id, error instanceof Error ? error.message : String(error), error);
}
