/** One restore as the app asks for it: the job under a lock of its own, and its news in the form that crosses. */
import { originalPlace } from '../job/original-place.ts';
import { runRestore } from '../job/restore.ts';
import type { RestoreListener } from '../job/restore-telling.ts';
import type { AnswerOf, ArgumentOf } from '../protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../protocol/engine-calls.ts';
import type { RestoreProgress } from '../protocol/run-news.ts';
import { withLock } from '../repo/hold-lock.ts';
import type { Repository } from '../repo/repository.ts';
import { findSnapshot } from '../repo/snapshots.ts';
import { ItemNews } from './item-news.ts';
import { Paced } from './paced.ts';
import { snapshotPlace } from './snapshot-place.ts';
import { typedPath } from './typed-path.ts';

export type RestoreAsked = ArgumentOf<EngineCalls['restore']>;

/** Fails as `runRestore` does, and with `usage` where it is to go to places that the snapshot does not know. */
export async function restore(
  repository: Repository,
  asked: RestoreAsked,
  tell: (news: EngineNews) => void,
  signal: AbortSignal,
): Promise<AnswerOf<EngineCalls['restore']>> {
  const { runId, snapshotId, overwrite } = asked;
  const path = snapshotPlace(asked.path);
  const typed = asked.target === undefined ? undefined : typedPath(asked.target);
  const paced = new Paced<RestoreProgress>(repository.world.clock, (progress) => {
    const { filesDone, filesTotal, bytesDone, bytesTotal, errors } = progress;
    tell({ type: 'restore-progress', runId, filesDone, filesTotal, bytesDone, bytesTotal, errors });
  });
  const items = new ItemNews(runId, tell);
  const listener: RestoreListener = {
    progress: (progress) => paced.offer(progress),
    news: (news) => {
      if (news.type === 'error') items.error(news.item, news.message);
    },
  };
  try {
    return await withLock(repository, { exclusive: false, signal }, async (workSignal) => {
      const snapshot = await findSnapshot(repository, snapshotId);
      const target = typed ?? (await originalPlace(repository, snapshot, path));
      const request = { ...restoreAlways, tree: snapshot.tree, path, target, overwrite };
      const { filesDone, bytesDone, errors } = await runRestore(repository, request, listener, workSignal);
      return { files: filesDone, bytes: bytesDone, errors };
    });
  } finally {
    await paced.end();
  }
}

/** What the app offers no choice of. */
const restoreAlways = {
  delete: false,
  dryRun: false,
  verify: false,
  sparse: false,
  trust: { devices: true, setIdBits: true },
  count: true,
} as const;
