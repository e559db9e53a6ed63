/**
 * For commands that only look: a repository under a lock, or, where its store is away, the copy that this machine keeps
 * of it. Whoever looks does not wait for ever.
 */
import { placeIn } from '../backend/cache-places.ts';
import { forAsking } from '../backend/open-backend.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { isAway, openCached, openCopy } from '../repo/cached-repository.ts';
import type { Repository } from '../repo/repository.ts';
import { namedRepository, readPassword } from './choose-repository.ts';
import type { Context } from './command.ts';
import { underLock, withRepository } from './open-for-command.ts';
import { cacheFolder, openStore } from './open-store.ts';
import { lineForCommand } from './tell-waits.ts';

type Look<Result> = (repository: Repository, signal: AbortSignal) => Promise<Result>;

export async function lookInto<Result>(context: Context, look: Look<Result>): Promise<Result> {
  const { global, environment, world } = context;
  const location = await namedRepository(global, environment);
  if (location === undefined) return await withRepository(context, 'shared', look);
  const backend = openStore(context, location, lineForCommand(context, 'ask'));
  const root = cacheFolder(context);
  const hasCopy = root !== undefined && (await placeIn(root, backend.location)) !== undefined;
  const { cli, withCopy } = limits.askMsMax;
  const password = await readPassword(context);
  let hasBegun = false;
  try {
    const asking = forAsking(backend, hasCopy ? withCopy : cli);
    const repository = await openCached(asking, password, world, root);
    return await underLock(context, 'shared', repository, async (signal) => {
      hasBegun = true;
      return await look(repository, signal);
    });
  } catch (error) {
    // What was printed already is not printed again.
    if (hasBegun || !hasCopy || !isAway(error) || context.signal.aborted) throw error;
    const copy = await openCopy(backend, password, world, root);
    if (copy === undefined) throw error;
    return await lookIntoCopy(context, copy, look, error);
  } finally {
    await backend.close();
  }
}

async function lookIntoCopy<Result>(
  { output, signal }: Context,
  copy: Repository,
  look: Look<Result>,
  away: unknown,
): Promise<Result> {
  const why = isFailure(away) ? ` (${away.code})` : '';
  output.warn(
    `the store cannot be asked${why}: this is what this machine keeps of it, and it may have changed since.`,
    { message_type: 'from_cache', code: isFailure(away) ? away.code : '' },
  );
  try {
    return await look(copy, signal);
  } catch (error) {
    // Not here is not gone.
    if (isFailure(error, 'not-found') && error.detail.what === 'file') throw away;
    throw error;
  }
}
