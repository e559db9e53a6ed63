/** Runs a backup in a test's repository to its end, turning the clock for it. */
import { fromText } from '../../engine/base/byte-string.ts';
import type { Compute } from '../../engine/compute/crew.ts';
import { inlineCompute } from '../../engine/compute/inline-compute.ts';
import { type BackupRequest, runBackup } from '../../engine/job/backup.ts';
import type { BackupListener } from '../../engine/job/backup-telling.ts';
import type { BackupSummary } from '../../engine/protocol/run-news.ts';
import { makeExcluder } from '../../engine/source/exclude.ts';
import type { SourceFiles } from '../../engine/source/source-files.ts';
import type { TestRepository } from './test-repository.ts';

export async function backUp(
  repository: TestRepository,
  files: SourceFiles,
  change: Partial<BackupRequest>,
  listener: BackupListener,
  signal: AbortSignal,
  threads?: Compute,
): Promise<BackupSummary> {
  const { world } = repository;
  // What a thread would read is read here: these files may misbehave.
  const compute = threads ?? inlineCompute({ chance: world.chance, clock: world.clock, files });
  const withCompute = { ...repository, world: { ...world, compute } };
  return await turning(repository, runBackup(withCompute, files, requestWith(change), listener, signal));
}

/** Turns the clock until the work has ended. */
export async function turning<Result>({ world }: TestRepository, work: Promise<Result>): Promise<Result> {
  const ended = work.then(
    () => true,
    () => true,
  );
  for (let isOver = false; !isOver; ) {
    isOver = await Promise.race([ended, world.clock.advance(500).then(() => false)]);
  }
  return await work;
}

/** A request with nothing special about it, but for what is changed. */
export function requestWith(change: Partial<BackupRequest>): BackupRequest {
  const world = { environment: {}, warn: () => {} };
  return {
    targets: [],
    cwd: fromText('/'),
    excluder: makeExcluder({}, [], world),
    excludes: [],
    tags: [],
    hostname: 'testhost',
    force: false,
    dryRun: false,
    skipIfUnchanged: false,
    rule: { ignoreInode: false, ignoreCtime: false },
    compression: 'auto',
    packBytesTarget: 1_000_000,
    scan: false,
    lockRetryMs: 0,
    programVersion: 'slackwater test',
    ...change,
  };
}
