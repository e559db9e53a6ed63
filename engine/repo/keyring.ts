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
 * file must not lock out those whose key is whole; where none opens, what could not be read is read again, for a
 * transport may have lied. Fails with `password-wrong`, or `damaged` where no key could be read at all. `ids`: of the key
 * files, where they were listed already.
 */
export async function openWithPassword(
  backend: Backend,
  password: Secret<string>,
  log: Log,
  ids?: readonly Id[],
): Promise<OpenedKey> {
  const tried: Tried = { keys: new Set(), unreadable: new Map() };
  let opened = await tryKeys(backend, password, ids ?? (await listKeys(backend)), tried);
  // A listing may lie, too: a repository has a key.
  if (opened === undefined && (tried.unreadable.size > 0 || tried.keys.size === 0))
    opened = await tryKeys(backend, password, await listKeys(backend), tried);
  for (const id of tried.unreadable.keys()) log.warn(`key ${shortId(id)} cannot be read; it is passed over`);
  if (opened !== undefined) return opened;
  const unreadable = [...tried.unreadable.values()].at(-1);
  if (tried.keys.size === 0 && unreadable !== undefined) throw unreadable;
  throw new Failure('password-wrong', { location: backend.location });
}

interface Tried {
  /** Those that could be read. */
  readonly keys: Set<Id>;
  readonly unreadable: Map<Id, Failure>;
}

/** The first of these that opens, of those that were not tried before. */
async function tryKeys(
  backend: Backend,
  password: Secret<string>,
  ids: readonly Id[],
  { keys, unreadable }: Tried,
): Promise<OpenedKey | undefined> {
  for (const id of ids) {
    if (keys.size === limits.keysTriedMax) return undefined;
    if (keys.has(id)) continue;
    try {
      const file = await loadKeyFile(backend, id);
      unreadable.delete(id);
      keys.add(id);
      const key = await openKeyFile(file, password.reveal());
      if (key !== undefined) return { id, key };
    } catch (error) {
      unreadable.set(id, asDamagedKey(id, error));
    }
  }
  return undefined;
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
