/**
 * An opened repository: its backend, its config and its master key. Everything that reads or writes a repository
 * gets one of these, and the outside world (clock, chance, log) with it.
 */
import type { Backend, StoreAccess } from '../backend/backend.ts';
import { configFile } from '../backend/backend.ts';
import type { Chance } from '../base/chance.ts';
import type { Clock } from '../base/clock.ts';
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import type { Compute } from '../compute/crew.ts';
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
import { listKeys, type OpenedKey, openWithPassword, saveKeyFile } from './keyring.ts';

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
  /** Where the work is done that would keep this thread from its other duties. */
  readonly compute: Compute;
  /** What this machine remembers of locks between runs; without it, nothing. */
  readonly locks?: LockMemory;
  /** What is known of a process of this machine; without it, nothing. */
  readonly lookAtProcess?: (pid: number) => ProcessLook;
  /** For stores: what the environment says of proxies, where their access is not from there. */
  readonly proxies?: StoreAccess;
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
  // Together: across an ocean, each question takes its time. What fails here is met below.
  const keyIds = listKeys(backend);
  keyIds.catch(() => undefined);
  const sealed = await findSealedConfig(backend);
  const { id, key } = await openWithPassword(backend, password, world.log, await keyIds);
  const plaintext = await unsealConfig(backend, key, sealed);
  return { backend, key, keyId: id, config: readConfig(plaintext), world };
}

/** One answer that it is not there is believed only when it is given twice: a store may be wrong once. */
async function findSealedConfig(backend: Backend): Promise<Uint8Array> {
  let { sealed, why } = await loadConfig(backend);
  if (sealed === undefined) ({ sealed, why } = await loadConfig(backend));
  if (sealed === undefined || sealed.length === 0)
    throw new Failure('repository-missing', { location: backend.location, why });
  return sealed;
}

/** What comes out wrong is read again: a transport may have lied once, and a file that is damaged stays so. */
async function unsealConfig(backend: Backend, key: SealKey, sealed: Uint8Array): Promise<Uint8Array> {
  const plaintext = sealed.length > limits.smallFileBytesMax ? undefined : unseal(key, sealed);
  if (plaintext !== undefined) return plaintext;
  const again = await backend.load(configFile);
  if (again.length > limits.smallFileBytesMax) throw damaged('config', '', 'it is too large');
  const second = unseal(key, again);
  if (second !== undefined) return second;
  const isSame = Buffer.compare(again, sealed) === 0;
  const why = isSame
    ? 'it is truncated or has been changed'
    : 'on the way it is changed, each time otherwise';
  throw damaged('config', '', why);
}

function readConfig(plaintext: Uint8Array): RepositoryConfig {
  try {
    return decodeConfig(plaintext);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw damaged('config', '', error instanceof Error ? error.message : String(error), error);
  }
}

/** Undefined where there is none, and the code of a sentence on that where the backend has one. */
async function loadConfig(backend: Backend): Promise<{ sealed: Uint8Array | undefined; why: string }> {
  try {
    return { sealed: await backend.load(configFile), why: '' };
  } catch (error) {
    if (isFailure(error, 'not-found')) return { sealed: undefined, why: String(error.detail.why ?? '') };
    throw error;
  }
}

/** Size of the config; 0 where there is none. */
async function findConfig(backend: Backend): Promise<{ sizeBytes: number; why: string }> {
  try {
    return { sizeBytes: await backend.stat(configFile), why: '' };
  } catch (error) {
    if (isFailure(error, 'not-found')) return { sizeBytes: 0, why: String(error.detail.why ?? '') };
    throw error;
  }
}

export interface InitOptions {
  readonly version?: RepositoryVersion;
  readonly kdfCost?: KdfCost;
}

/**
 * Makes a new repository. Fails with `repository-exists` where anything of one is there already; keys alone are not: they
 * are what a making leaves that was cut off, and this one goes on from there.
 */
export async function initRepository(
  backend: Backend,
  password: Secret<string>,
  world: World,
  options: InitOptions = {},
): Promise<Repository> {
  await refuseExisting(backend);
  await backend.create();
  const config = makeConfig(options.version ?? 2, world.chance);
  const left = await keyLeft(backend, password, world);
  const { id: keyId, key } = left ?? (await saveNewKey(backend, password, world, options));
  try {
    // While the key was made, somebody else may have been faster.
    await refuseExisting(backend);
    await backend.save(configFile, [seal(key, encodeConfig(config), world.chance)]);
    if ((await opensConfig(backend, key)) === false) throw existing(backend);
  } catch (error) {
    // Beside a config of somebody else's our key opens nothing. Without a config it serves the next try.
    const isUseless = (await opensConfig(backend, key).catch(() => undefined)) === false;
    if (isUseless) await backend.remove({ type: 'key', name: keyId }).catch(() => undefined);
    throw error;
  }
  return { backend, config, key, keyId, world };
}

/** Undefined where there is no config. */
async function opensConfig(backend: Backend, key: SealKey): Promise<boolean | undefined> {
  const { sizeBytes } = await findConfig(backend);
  if (sizeBytes === 0) return undefined;
  if (sizeBytes > limits.smallFileBytesMax) return false;
  return unseal(key, await backend.load(configFile)) !== undefined;
}

async function saveNewKey(
  backend: Backend,
  password: Secret<string>,
  world: World,
  options: InitOptions,
): Promise<OpenedKey> {
  const key = makeSealKey(world.chance);
  const { username, hostname } = world.host;
  const who = { created: formatTime(world.clock.wallNs()), username, hostname };
  const keyFile = await makeKeyFile(key, password.reveal(), who, world.chance, options.kdfCost);
  return { id: await saveKeyFile(backend, keyFile), key };
}

/**
 * The key of a making that was cut off before its config, if the password opens it: a second one for the same password
 * would open either of two. Keys of other passwords stay: somebody may be about to use them, and they open nothing.
 */
async function keyLeft(
  backend: Backend,
  password: Secret<string>,
  { log }: World,
): Promise<OpenedKey | undefined> {
  try {
    return await openWithPassword(backend, password, log);
  } catch (error) {
    if (isFailure(error, 'password-wrong') || isFailure(error, 'damaged')) return undefined;
    throw error;
  }
}

async function refuseExisting(backend: Backend): Promise<void> {
  try {
    if ((await findConfig(backend)).sizeBytes > 0) throw existing(backend);
    // With these, keys are those of a repository that has lost its config: they must not be mixed with others.
    for (const type of ['snapshot', 'index', 'pack'] as const) {
      for await (const _file of backend.list(type)) throw existing(backend);
    }
  } catch (error) {
    // There is not even a bucket yet.
    if (!isFailure(error, 'repository-missing')) throw error;
  }
}

function existing({ location }: Backend): Failure {
  return new Failure('repository-exists', { location });
}
