/**
 * The repositories that are open in this process. Opening one costs a key derivation, so one that is open is used
 * again, after a look whether the key that opened it is still there. Nothing is kept on disk.
 */

import { configFile } from '../backend/backend.ts';
import { openBackend } from '../backend/open-backend.ts';
import { Secret } from '../base/secret.ts';
import type { Access } from '../protocol/engine-calls.ts';
import { openRepository, type Repository, type World } from '../repo/repository.ts';

interface OpenVault {
  readonly repository: Repository;
  readonly password: Secret<string>;
}

export class OpenVaults {
  readonly #world: World;
  readonly #open = new Map<string, OpenVault>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Fails as `openRepository` does, and with `location-unsupported`. */
  async open({ location, password }: Access): Promise<Repository> {
    const known = this.#open.get(location);
    if (known?.password.reveal() === password && (await isStillThere(known.repository)))
      return known.repository;
    const secret = new Secret(password);
    const backend = openBackend(location, this.#world);
    const repository = await openRepository(backend, secret, this.#world);
    this.#open.set(location, { repository, password: secret });
    return repository;
  }
}

async function isStillThere({ backend, keyId }: Repository): Promise<boolean> {
  try {
    return (await backend.stat({ type: 'key', name: keyId })) > 0 && (await backend.stat(configFile)) > 0;
  } catch {
    return false;
  }
}
