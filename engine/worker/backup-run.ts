/** One backup as the app asks for it: the job, and its news in the form that crosses to the app. */
import { realpathSync } from 'node:fs';
import { type ByteString, fromText, toText } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { programName } from '../base/version.ts';
import { type BackupRequest, runBackup } from '../job/backup.ts';
import type { BackupListener } from '../job/backup-telling.ts';
import type { RunMemory } from '../job/run-memory.ts';
import { backUpInTurn } from '../job/vault-queue.ts';
import { bytesPerSecond, type Rate, startRate, timeLeft, withSample } from '../machine/rate.ts';
import type { RunProgress } from '../protocol/app-state.ts';
import type { ArgumentOf } from '../protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../protocol/engine-calls.ts';
import type { BackupProgress, BackupSummary } from '../protocol/run-news.ts';
import type { Repository } from '../repo/repository.ts';
import { makeExcluder } from '../source/exclude.ts';
import { realFiles } from '../source/source-files.ts';
import type { GateAsked, Gates } from './gates.ts';
import { ItemNews, noteOfIncomplete } from './item-news.ts';
import { Paced } from './paced.ts';
import { typedPath } from './typed-path.ts';

export type BackupAsked = ArgumentOf<EngineCalls['backup']>;

/** What runs wait and resume with; nothing does without a memory of them. */
export interface RunCare {
  readonly memory: RunMemory | undefined;
  readonly gates: Gates;
  readonly line: GateAsked['line'];
}

/** Fails as `runBackup` does, and with `usage` for sources and patterns that mean nothing. */
export async function backUp(
  repository: Repository,
  asked: BackupAsked,
  { memory, gates, line }: RunCare,
  tell: (news: EngineNews) => void,
  signal: AbortSignal,
): Promise<BackupSummary> {
  const { clock } = repository.world;
  const { runId, access, planId } = asked;
  const telling = new ProgressTelling(clock, (progress) =>
    tell({ type: 'backup-progress', runId, progress }),
  );
  try {
    const listener = listenerOf(runId, telling, tell);
    const label = asked.sources.join(', ');
    const plain = { ...requestOf(repository, asked), ...(planId === undefined ? {} : { planId }) };
    return await gates.through(repository, { runId, access, line, giveUpMs: limits.gateGiveUpMs }, (gate) => {
      const request = memory === undefined ? plain : { ...plain, memory, gate };
      return backUpInTurn(repository, label, signal, () =>
        runBackup(repository, realFiles, request, listener, signal),
      );
    });
  } finally {
    await telling.end();
  }
}

function requestOf(repository: Repository, { sources, excludes, tags }: BackupAsked): BackupRequest {
  const targets = sources.map(typedPath);
  const world = { environment: {}, warn: () => undefined };
  return {
    targets,
    cwd: fromText('/'),
    excluder: makeExcluder({ patterns: excludes, paths: ownPaths(repository) }, targets, world),
    excludes,
    tags,
    hostname: repository.world.host.hostname,
    force: false,
    dryRun: false,
    skipIfUnchanged: false,
    rule: { ignoreInode: false, ignoreCtime: false },
    compression: 'auto',
    packBytesTarget: limits.packBytesTarget,
    scan: true,
    lockRetryMs: limits.runLockRetryMs,
    programVersion: programName,
  };
}

/** A vault that held itself would grow with every backup. */
function ownPaths({ backend: { folder } }: Repository): ByteString[] {
  return folder === undefined ? [] : [folder, realpathSync(folder)].map(fromText);
}

function listenerOf(
  runId: string,
  telling: ProgressTelling,
  tell: (news: EngineNews) => void,
): BackupListener {
  const items = new ItemNews(runId, tell);
  return {
    progress: (progress) => telling.offer(progress),
    news(news) {
      if (news.type === 'error') items.error(news.item, news.message);
      else if (news.type === 'changed-while-reading') items.changed(news.item);
      else if (news.type === 'warning') items.warning(news.item, news.message);
      else if (news.type === 'snapshot-incomplete') tell(noteOfIncomplete(news));
    },
  };
}

/** Adds to progress how fast it goes and how long it may still take. */
class ProgressTelling {
  readonly #paced: Paced<BackupProgress>;
  #rate: Rate;

  constructor(clock: Clock, tell: (progress: RunProgress) => void) {
    this.#rate = startRate(clock.elapsedMs());
    this.#paced = new Paced(clock, (progress) => {
      this.#rate = withSample(this.#rate, clock.elapsedMs(), progress.bytesRead);
      tell(runProgress(progress, this.#rate));
    });
  }

  offer(progress: BackupProgress): void {
    this.#paced.offer(progress);
  }

  async end(): Promise<void> {
    await this.#paced.end();
  }
}

export function runProgress({ currentFiles, ...counts }: BackupProgress, rate: Rate): RunProgress {
  const [current] = currentFiles;
  const readRate = bytesPerSecond(rate);
  const { bytesTotal, bytesRead } = counts;
  const left = bytesTotal === undefined ? undefined : timeLeft(rate, bytesTotal - bytesRead);
  return {
    ...counts,
    ...(current === undefined ? {} : { currentFile: toText(current) }),
    ...(readRate === undefined ? {} : { readRate }),
    ...(left === undefined ? {} : { leastLeftMs: left.leastMs }),
    // Where nothing moves any more there is no end in sight.
    ...(left === undefined || !Number.isFinite(left.mostMs) ? {} : { mostLeftMs: left.mostMs }),
  };
}
