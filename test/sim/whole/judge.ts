/** What must hold when everything has come to its end. */
import type { Id } from '../../../engine/format/id.ts';
import type { Repository } from '../../../engine/repo/repository.ts';
import type { Scene } from './scene.ts';
import { whyNotRestored } from './truth.ts';

/** `lost`: snapshots of which it was told that they lack something; that of a run that was begun anew has to be told yet. */
export async function judge(
  scene: Scene,
  truth: Repository,
  isAtEnd: boolean,
  lost: ReadonlySet<Id> = new Set(),
): Promise<void> {
  const { watch, store, disk } = scene;
  await judgeSnapshots(scene, truth, lost);
  await judgeIndexes(scene);
  if (!isAtEnd) return;
  for (const run of disk.journal.openRuns()) watch.fail(`C4: run ${run.runId} is ${run.at} at the end`);
  const spooledBytes = await disk.spool.usedBytes();
  if (spooledBytes > 0) watch.fail(`the spool holds ${spooledBytes} bytes at the end`);
  for (const name of store.names('lock')) watch.fail(`R5: the lock ${name} is left`);
}

async function judgeSnapshots(
  { watch, store, counts }: Scene,
  truth: Repository,
  lost: ReadonlySet<Id>,
): Promise<void> {
  const visible = new Map<string, string>();
  for (const { runId, snapshotId, state, isDone, isBegunAnew } of watch.seals) {
    if (store.get('snapshot', snapshotId) === undefined) {
      if (isDone && !watch.forgotten.has(snapshotId))
        watch.fail(`C1: the snapshot ${snapshotId} of a done run is not there`);
      continue;
    }
    counts.add('snapshots of ours');
    // It was carried out late, and came back after somebody had forgotten it.
    if (watch.forgotten.has(snapshotId)) continue;
    // The store cut it off, and before that was mended it was dropped, or begun anew.
    if (!isDone && store.neverHad.has(`snapshot/${snapshotId}`)) continue;
    // It is no snapshot of the run any more: the day after tells what it lacks.
    if (isBegunAnew) continue;
    const before = visible.get(runId);
    if (before !== undefined) watch.fail(`R3: one run made two snapshots, ${before} and ${snapshotId}`);
    visible.set(runId, snapshotId);
    if (lost.has(snapshotId)) continue;
    const why = await whyNotRestored(truth, snapshotId, state);
    if (why !== undefined)
      watch.fail(`R1: the snapshot ${snapshotId} (${isDone ? 'done' : 'not done'}) does not restore: ${why}`);
  }
}

async function judgeIndexes({ watch, store }: Scene): Promise<void> {
  for (const name of store.names('index'))
    for (const { id } of watch.packsOf(name, store.get('index', name)!))
      if (
        !store.files.has(`pack/${id}`) &&
        !store.rivalRemoved.has(`pack/${id}`) &&
        !store.neverHad.has(`pack/${id}`)
      )
        watch.fail(`O2: index ${name} names the pack ${id}, which is not there`);
}
