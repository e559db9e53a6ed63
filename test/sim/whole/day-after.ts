/**
 * The day after a history has come to its end: somebody's prune, planned before snapshots of ours were visible and without
 * its lock since, is carried out to the end; then a day has passed, and the machine backs up again. It must tell which
 * snapshots have lost what they need, those and no others, and its own must be whole.
 */
import type { Id } from '../../../engine/format/id.ts';
import type { Repository } from '../../../engine/repo/repository.ts';
import { hourMs } from './chaos.ts';
import { judge } from './judge.ts';
import type { Machine } from './machine.ts';
import { Rival } from './rival.ts';
import type { Scene } from './scene.ts';
import { turn } from './simulate.ts';
import { whyNotRestored } from './truth.ts';

/** It is committed long before. */
const patienceMs = hourMs;

export async function liveTheDayAfter(scene: Scene, truth: Repository, machine: Machine): Promise<void> {
  const { watch, dice, time, counts, disk, sources, chance, chaos } = scene;
  const pruneMs = time.nowMs + dice.between(0, 23 * hourMs);
  const backUpMs = time.nowMs + 25 * hourMs;
  const endMs = backUpMs + patienceMs;
  await until(scene, pruneMs, endMs);
  if (dice.isLucky(0.7)) await pruneLate(scene, truth);
  if (chaos.changesSources && dice.isLucky(0.5)) sources.change(dice, chance, 2);
  const lost = await lostSnapshots(scene, truth);
  await until(scene, backUpMs, endMs);
  scene.note(`a day has passed; ${lost.size} snapshots have lost something`);
  let isWell: boolean | undefined;
  void machine.bootOnce().then((ended) => {
    isWell = ended;
  });
  await turn(scene, () => isWell !== undefined || watch.violations.length > 0, endMs);
  if (isWell === false) watch.fail('L1: the backup of the day after did not end well');
  for (const id of lost)
    if (!watch.incomplete.has(id)) watch.fail(`L2: nobody told that ${id} has lost something`);
  // One that came back after somebody had forgotten it is nobody's any more; to say what it lacks is right.
  for (const id of watch.forgotten) watch.incomplete.delete(id);
  for (const id of watch.incomplete.keys())
    if (!lost.has(id)) watch.fail(`L3: ${id} was told to have lost something, and has not`);
  const lostStill = await lostSnapshots(scene, truth);
  for (const [id, missingBlobs] of watch.incomplete)
    if (missingBlobs > 0 !== lostStill.has(id))
      watch.fail(`L4: ${id} was told to lack ${missingBlobs} blobs`);
  counts.add('snapshots told to have lost something', lost.size);
  counts.add('snapshots healed', lost.size - lostStill.size);
  const { runs } = disk.journal.lateLooks(scene.base.config.id);
  if (runs.filter(({ snapshotId }) => !watch.forgotten.has(snapshotId)).length > lostStill.size + 1)
    watch.fail('L5: a look that was due was not made');
  if (watch.violations.length === 0) await judge(scene, truth, true, lostStill);
}

/** Planned before one of our snapshots, and all later ones, were visible. */
async function pruneLate(scene: Scene, truth: Repository): Promise<void> {
  const { dice } = scene;
  const ours = visibleOnes(scene).map(({ snapshotId }) => snapshotId);
  if (ours.length === 0) return;
  const from = Math.floor(dice.between(0, ours.length));
  const { journal } = scene.disk;
  const { runs } = journal.lateLooks(scene.base.config.id);
  const written = runs.flatMap(({ runId }) => journal.packs(runId).map(({ id }) => id));
  const unnamed = dice.isLucky(0.5) ? new Set(written) : undefined;
  await new Rival(scene, truth, 'late rival').pruneLate(new Set(ours.slice(from)), unnamed);
}

/** Snapshots of ours that were told as done, or of which the journal knows that they may be there and lack something. */
function visibleOnes({ watch, store }: Scene): Scene['watch']['seals'] {
  return watch.seals.filter(
    ({ snapshotId, isDone, isBegunAnew }) =>
      (isDone || isBegunAnew) &&
      !watch.forgotten.has(snapshotId) &&
      store.get('snapshot', snapshotId) !== undefined,
  );
}

async function lostSnapshots(scene: Scene, truth: Repository): Promise<Set<Id>> {
  const lost = new Set<Id>();
  for (const { snapshotId, state } of visibleOnes(scene))
    if ((await whyNotRestored(truth, snapshotId, state)) !== undefined) lost.add(snapshotId);
  return lost;
}

async function until(scene: Scene, ms: number, endMs: number): Promise<void> {
  let isOver = false;
  scene.time.at(ms, () => {
    isOver = true;
  });
  await turn(scene, () => isOver, endMs);
}
