/** From the options to an opened repository, and the lock around a command's work. */
import type { Backend } from '../backend/backend.ts';
import { placeIn } from '../backend/cache-places.ts';
import { forAsking, openBackend } from '../backend/open-backend.ts';
import { StoreLine } from '../backend/store-line.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { storeSkill } from '../compute/store-skill.ts';
import { awayRepository } from '../job/away-store.ts';
import { holdsMuch, type Listed, listBeginning } from '../job/beginning.ts';
import type { RunMemory } from '../job/run-memory.ts';
import { openCached, openOrCopy } from '../repo/cached-repository.ts';
import { withLock } from '../repo/hold-lock.ts';
import { openRepository, type Repository } from '../repo/repository.ts';
import { namedRepository, readPassword } from './choose-repository.ts';
import type { Context, GlobalValues } from './command.ts';
import { createVault, isVaultThere, type VaultPlaces, vaultKey, vaultPlaces } from './default-vault.ts';
import { cacheFolder, openStore } from './open-store.ts';
import { type CommandPatience, lineForCommand } from './tell-waits.ts';

export interface Opened {
  readonly repository: Repository;
  /** What is known of the way to it. */
  readonly line: StoreLine;
  /** What the store listed meanwhile, for a backup. */
  readonly listed?: Promise<Listed>;
  /** Set where it is the default vault. */
  readonly vault?: VaultPlaces;
}

/** Work that needs no key. It never fails, and ends soon once the signal is aborted. */
type Meanwhile = (backend: Backend, signal: AbortSignal) => Promise<void>;

/**
 * Opens the repository that is meant. `createVault`: the default vault is made where there is none. `noCache`: the store
 * itself is asked for all. `patience`: with a store that cannot be reached; without it, the command is a question.
 * `meanwhile` works until the repository is open.
 */
export async function openForCommand(
  context: Context,
  options: {
    readonly createVault?: boolean;
    readonly noCache?: boolean;
    readonly patience?: CommandPatience;
    readonly meanwhile?: Meanwhile;
  } = {},
): Promise<Opened> {
  const { global, environment, world } = context;
  const location = await namedRepository(global, environment);
  if (location !== undefined) {
    const cache = options.noCache === true ? undefined : cacheFolder(context);
    const line = lineForCommand(context, options.patience ?? 'ask');
    const backend = openStore(context, location, line);
    const opened = openCached(backend, await readPassword(context), world, cache);
    return { repository: await beside(opened, backend, options.meanwhile), line };
  }
  const vault = vaultPlaces(context);
  refusePasswordOptions(global);
  if (options.createVault === true && !(await isVaultThere(vault))) await createAndTell(context, vault);
  const password = await vaultKey(vault);
  const backend = vaultBackend(context, vault);
  const opened = openRepository(backend, password, world);
  return {
    repository: await beside(opened, backend, options.meanwhile),
    line: new StoreLine(),
    vault,
  };
}

async function beside(
  opened: Promise<Repository>,
  backend: Backend,
  meanwhile: Meanwhile = async () => undefined,
): Promise<Repository> {
  const stopped = new AbortController();
  const ended = meanwhile(backend, stopped.signal);
  try {
    return await opened;
  } finally {
    stopped.abort();
    await ended;
  }
}

/**
 * As `openForCommand` for a backup. Where the store stays away, and enough of it is known on this machine: what there is
 * of it, so that the backup can be made here and sent later. `whenMuch` is called while it is being opened, where it may
 * take long to walk through what was backed up there.
 */
export async function openForBackup(
  context: Context,
  location: string,
  memory: RunMemory | undefined,
  whenMuch: () => void,
): Promise<Opened> {
  const { world, output } = context;
  const root = cacheFolder(context);
  if (memory === undefined || root === undefined) return await openForCommand(context, { patience: 'run' });
  const line = lineForCommand(context, 'run');
  const backend = openStore(context, location, line);
  const password = await readPassword(context);
  // Where there is a parent, there may be nothing for a thread to do. A store that is new to this machine has none.
  const isNew = backend.folder === undefined && (await placeIn(root, backend.location)) === undefined;
  if (isNew) world.compute.makeReady(storeSkill);
  // Together with what opens it: across an ocean, each question takes its time.
  const listed = listBeginning(forAsking(backend, limits.awayAfterMs));
  const makeReady = (listed: Listed): void => {
    if (!isNew && listed.snapshots.length === 0) world.compute.makeReady(storeSkill);
    if (holdsMuch(listed)) whenMuch();
  };
  listed.then(makeReady, () => undefined);
  try {
    const opened = await openOrCopy(backend, password, world, root);
    if (!opened.isCopy) return { repository: opened.repository, line, listed };
    await backend.close();
    output.note('The store cannot be reached: the backup is made on this machine, and sent later.');
    return { repository: awayRepository(opened.repository, backend.location, memory), line };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

function vaultBackend({ world }: Context, { repository }: VaultPlaces): Backend {
  return openBackend(repository, world);
}

export async function createAndTell(context: Context, vault: VaultPlaces): Promise<void> {
  const { output, world, platform } = context;
  await createVault(vault, world, platform);
  output.note(`Made your vault: ${vault.repository}`);
  output.note(`Its key is in   ${vault.keyFile}`);
  output.note(`Keep a copy of  ${vault.sheet} somewhere else: without the key, the vault cannot be read.`);
}

/** The default vault has its own key: a password beside it means that the repository was forgotten. */
export function refusePasswordOptions(global: GlobalValues): void {
  const { passwordFile, passwordCommand, insecureNoPassword } = global;
  if (!passwordFile && !passwordCommand && !insecureNoPassword) return;
  throw new Failure('usage', {
    why: 'A password was given, but no repository.',
    instead: 'Name it with -r, or leave the password away to use your default vault.',
  });
}

export type LockKind = 'shared' | 'exclusive';

/** Opens the repository and runs the work in it while a lock is held, unless --no-lock says otherwise. */
export async function withRepository<Result>(
  context: Context,
  kind: LockKind,
  work: (repository: Repository, signal: AbortSignal, vault: VaultPlaces | undefined) => Promise<Result>,
  patience: CommandPatience = 'ask',
): Promise<Result> {
  const { repository, vault } = await openForCommand(context, { patience });
  try {
    return await underLock(context, kind, repository, (signal) => work(repository, signal, vault));
  } finally {
    await repository.backend.close();
  }
}

export async function underLock<Result>(
  context: Context,
  kind: LockKind,
  repository: Repository,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return context.global.noLock
    ? await work(context.signal)
    : await withLock(repository, lockRequest(context, kind), work);
}

function lockRequest(
  { global, signal }: Context,
  kind: LockKind,
): { exclusive: boolean; retryMs: number; signal: AbortSignal } {
  return { exclusive: kind === 'exclusive', retryMs: global.retryLock ?? 0, signal };
}

const MiB = 1024 * 1024;

/** The size of packs that is asked for, in bytes. Fails with `usage`. */
export function packBytesTarget({ packSize }: GlobalValues): number {
  if (packSize === undefined) return limits.packBytesTarget;
  const bytes = packSize * MiB;
  if (bytes >= limits.packBytesTargetMin && bytes <= limits.packBytesTargetMax) return bytes;
  throw new Failure('usage', { why: '--pack-size takes 4 to 128, in MiB.' });
}
