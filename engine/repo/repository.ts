/**
 * An opened repository: its backend, its config and its master key. Everything that reads or writes a repository
 * gets one of these, and the outside world (clock, chance, log) with it.
 */
import type { Backend } from '../backend/backend.ts';
import { configFile } from '../backend/backend.ts';
import type { Chance } from '../base/chance.ts';
import type { Clock } from '../base/clock.ts';
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import {
  decodeConfig,
  encodeConfig,
  makeConfig,
  type RepositoryConfig,
  type RepositoryVersion,
} from '../format/config-file.ts';
import { formatTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import { type KdfCost, makeKeyFile } from '../format/key-file.ts';
import { makeSealKey, type SealKey, seal, unseal } from '../format/seal.ts';
import type { LockMemory } from '../journal/lock-memory.ts';
import { openWithPassword, saveKeyFile } from './keyring.ts';

/** Who works here: what snapshots, keys and locks say about it. */
export interface Host {
  readonly hostname: string;
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
}

export interface World {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly host: Host;
  /** What this machine remembers of locks between runs; without it, nothing. */
  readonly locks?: LockMemory;
  /** What is known of a process of this machine; without it, nothing. */
  readonly lookAtProcess?: (pid: number) => ProcessLook;
}

export interface ProcessLook {
  readonly is: 'running' | 'gone' | 'unknown';
  /** Since when it runs, wall time in milliseconds; undefined where the system does not say. */
  readonly sinceMs?: number;
}

export interface Repository {
  readonly backend: Backend;
  readonly config: RepositoryConfig;
  readonly key: SealKey;
  /** The key file that the password opened. */
  readonly keyId: Id;
  readonly world: World;
}

/**
 * Opens a repository. Fails with `repository-missing`, `password-wrong`, `repository-unsupported`, or `damaged`
 * where its config or every key cannot be read.
 */
export async function openRepository(
  backend: Backend,
  password: Secret<string>,
  world: World,
): Promise<Repository> {
  if ((await configBytes(backend)) === 0)
    throw new Failure('repository-missing', { location: backend.location });
  const { id, key } = await openWithPassword(backend, password, world.log);
  const sealed = await backend.load(configFile);
  if (sealed.length > limits.smallFileBytesMax) throw damaged('config', '', 'it is too large');
  const plaintext = unseal(key, sealed);
  if (plaintext === undefined) throw damaged('config', '', 'it is truncated or has been changed');
  return { backend, key, keyId: id, config: readConfig(plaintext), world };
}

function readConfig(plaintext: Uint8Array): RepositoryConfig {
  try {
    return decodeConfig(plaintext);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw damaged('config', '', error instanceof Error ? error.message : String(error), error);
  }
}

/** Size of the config; 0 where there is none. */
async function configBytes(backend: Backend): Promise<number> {
  try {
    return await backend.stat(configFile);
  } catch (error) {
    if (isFailure(error, 'not-found')) return 0;
    throw error;
  }
}

export interface InitOptions {
  readonly version?: RepositoryVersion;
  readonly kdfCost?: KdfCost;
}

/** Makes a new repository. Fails with `repository-exists` where anything of one is there already. */
export async function initRepository(
  backend: Backend,
  password: Secret<string>,
  world: World,
  options: InitOptions = {},
): Promise<Repository> {
  await refuseExisting(backend);
  await backend.create();
  const config = makeConfig(options.version ?? 2, world.chance);
  const key = makeSealKey(world.chance);
  const { username, hostname } = world.host;
  const who = { created: formatTime(world.clock.wallNs()), username, hostname };
  const keyFile = makeKeyFile(key, password.reveal(), who, world.chance, options.kdfCost);
  const keyId = await saveKeyFile(backend, keyFile);
  try {
    await backend.save(configFile, [seal(key, encodeConfig(config), world.chance)]);
  } catch (error) {
    // A key without a config would stand in the way of the next try.
    await backend.remove({ type: 'key', name: keyId }).catch(() => undefined);
    throw error;
  }
  return { backend, config, key, keyId, world };
}

async function refuseExisting(backend: Backend): Promise<void> {
  const exists = new Failure('repository-exists', { location: backend.location });
  if ((await configBytes(backend)) > 0) throw exists;
  for (const type of ['key', 'snapshot'] as const) {
    for await (const _file of backend.list(type)) throw exists;
  }
}
