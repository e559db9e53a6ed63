/**
 * The repositories that are open in this process. Opening one costs a key derivation, so one that is open is used
 * again, after a look whether the key that opened it is still there. Nothing is kept on disk.
 */

import { configFile } from '../backend/backend.ts';
import { openBackend } from '../backend/open-backend.ts';
import { Secret } from '../base/secret.ts';
import type { Access } from '../protocol/engine-calls.ts';
import { readLocks } from '../repo/other-locks.ts';
import { openRepository, type Repository, type World } from '../repo/repository.ts';

interface OpenVault {
  readonly repository: Repository;
  readonly password: Secret<string>;
}

export class OpenVaults {
  readonly #world: World;
  /** Processes like this one that the same app started before, and that are dead. */
  readonly #formerPids: ReadonlySet<number>;
  readonly #open = new Map<string, OpenVault>();

  constructor(world: World, formerPids: readonly number[]) {
    this.#world = world;
    this.#formerPids = new Set(formerPids);
  }

  /** Fails as `openRepository` does, and with `location-unsupported`. */
  async open({ location, password }: Access): Promise<Repository> {
    const repository = await this.#openOrUseAgain(location, password);
    if (this.#formerPids.size > 0) await this.#removeFormerLocks(repository);
    return repository;
  }

  async #openOrUseAgain(location: string, password: string): Promise<Repository> {
    const known = this.#open.get(location);
    if (known?.password.reveal() === password && (await isStillThere(known.repository)))
      return known.repository;
    const secret = new Secret(password);
    const backend = openBackend(location, this.#world);
    const repository = await openRepository(backend, secret, this.#world);
    this.#open.set(location, { repository, password: secret });
    return repository;
  }

  /**
   * What a killed engine of the same app left: nobody else can own a lock of that process on this machine. Other locks
   * are other people's, however old.
   */
  async #removeFormerLocks(repository: Repository): Promise<void> {
    const { hostname, username } = this.#world.host;
    for (const read of await readLocks(repository)) {
      if (!('lock' in read)) continue;
      const { lock, id } = read;
      const isOurs =
        lock.hostname === hostname && lock.username === username && this.#formerPids.has(lock.pid);
      if (isOurs) await repository.backend.remove({ type: 'lock', name: id });
    }
  }
}

async function isStillThere({ backend, keyId }: Repository): Promise<boolean> {
  try {
    return (await backend.stat({ type: 'key', name: keyId })) > 0 && (await backend.stat(configFile)) > 0;
  } catch {
    return false;
  }
}
