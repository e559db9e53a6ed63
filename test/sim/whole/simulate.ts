/**
 * One seed, one history: a machine with our engine, a store, others who work on it, and all that goes wrong for a while;
 * then nothing does, and everything that was begun must come to its end. The same seed is the same history.
 */

import type { Repository } from '../../../engine/repo/repository.ts';
import { openFile } from '../../../engine/repo/unpacked-files.ts';
import { type Dice, diceOf, VirtualTime } from '../locks/virtual-time.ts';
import { type BaseRepository, chanceOf, plainWorld, repositoryOf } from './base-repository.ts';
import { type Chaos, chaosOf, hourMs } from './chaos.ts';
import { liveTheDayAfter } from './day-after.ts';
import { judge } from './judge.ts';
import { Machine } from './machine.ts';
import { ModelDisk } from './model-disk.ts';
import { Rival } from './rival.ts';
import { Counts, Scene } from './scene.ts';
import { startNs } from './sim-process.ts';
import { SimSources } from './sim-sources.ts';
import { SimStore } from './sim-store.ts';
import { TruthBackend, whyNotRestored } from './truth.ts';
import { type SealSeen, Watch } from './watch.ts';

export interface History {
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** From the calm until nothing waited any more. */
  readonly settledMs: number | undefined;
  /** To be called when nobody wants to know more of it: what happens then is no part of it. */
  bury(): Promise<void>;
}

const stepsMax = 400_000;
const stepsAtOnce = 64;
/** All that waits is committed by then, after the calm has come. */
const patienceMs = hourMs;

export async function simulate(
  base: BaseRepository,
  seed: number,
  change: Partial<Chaos> = {},
  tell: (line: string) => void = () => {},
): Promise<History> {
  const { scene, truth } = makeScene(base, diceOf(seed), change, tell);
  const { chaos, time, watch, counts } = scene;
  const rivals = Array.from({ length: chaos.rivals }, (_, i) => new Rival(scene, truth, `rival ${i}`));
  for (const rival of rivals) void rival.live();
  const machine = new Machine(scene);
  machine.start();
  time.at(chaos.chaosMs, () => {
    for (const rival of rivals) rival.clear();
    scene.note('all is calm');
  });
  await turn(scene, () => machine.isDone || watch.violations.length > 0);
  if (watch.violations.length === 0) await judge(scene, truth, machine.isDone, watch.lost);
  const { committedMs } = machine;
  const settledMs = committedMs === undefined ? undefined : committedMs - chaos.chaosMs;
  if (watch.violations.length === 0) await liveTheDayAfter(scene, truth, machine);
  const bury = async (): Promise<void> => {
    machine.bury();
    await settled();
  };
  return { violations: [...watch.violations], counts: counts.all, settledMs, bury };
}

/** A store with somebody's repository, an empty disk, a few files, and a judge of it all. */
export function makeScene(
  base: BaseRepository,
  dice: Dice,
  change: Partial<Chaos> = {},
  tell: (line: string) => void = () => {},
): { scene: Scene; truth: Repository } {
  const chance = chanceOf(dice);
  const time = new VirtualTime();
  const chaos = { ...chaosOf(dice), ...change };
  const store = new SimStore(base.files, () =>
    chaos.lagMs === 0 || dice.isLucky(0.5) ? 0 : dice.between(0, chaos.lagMs),
  );
  const sources = new SimSources(base.shared);
  sources.change(dice, chance, 8);
  const wallNs = (): bigint => startNs + BigInt(Math.round(time.nowMs * 1e6));
  const world = plainWorld(chance, sources, 'rival', wallNs);
  const truth = repositoryOf(base, new TruthBackend(store, () => time.nowMs), world);
  const openIndex = (id: string, bytes: Uint8Array): string =>
    Buffer.from(openFile(truth, { type: 'index', id, bytes })).toString('utf8');
  const watch = new Watch(store, openIndex);
  const counts = new Counts();
  const look = async (when: string, { snapshotId, state }: SealSeen): Promise<void> => {
    const lent = new TruthBackend(store, () => time.nowMs, new Map(watch.takenSince));
    const why = await whyNotRestored(truth, snapshotId, state);
    if (why === undefined) return;
    const whyEvenThen = await whyNotRestored(repositoryOf(base, lent, world), snapshotId, state);
    if (whyEvenThen === undefined) {
      watch.lost.add(snapshotId);
      counts.add('snapshots that a prune without its lock has taken from');
    } else watch.fail(`C1: the snapshot ${snapshotId} does not restore ${when}: ${why}`);
  };
  watch.onVisible = (seal) => look('when it is seen', seal);
  watch.onDone = (seal) => look('when it is told as done', seal);
  const disk = new ModelDisk(dice, chaos.tearRate, chaos.spoolQuotaBytes);
  const scene = new Scene({ dice, chance, time, chaos, base, store, disk, sources, watch, counts, tell });
  scene.note(JSON.stringify(chaos));
  return { scene, truth };
}

/** Lets happen what is due, and after each of it all that waits for promises only. `endMs`: by then it is over. */
export async function turn(
  scene: Scene,
  isOver: () => boolean,
  endMs = scene.chaos.chaosMs + patienceMs,
): Promise<void> {
  const { time, watch } = scene;
  await settled();
  let steps = 0;
  /** Whether it goes on. */
  const step = (): boolean => {
    if (time.nowMs > endMs) watch.fail('C4: an hour after the calm, it is not at its end');
    else if (isOver()) return false;
    else if (steps++ >= stepsMax) watch.fail(`it did not come to an end in ${stepsMax} steps`);
    else if (time.step()) return true;
    else watch.fail('nothing is left to happen, and it is not at its end');
    return false;
  };
  let goesOn = true;
  const stepOnce = (): void => {
    goesOn &&= step();
  };
  while (goesOn) {
    // After each of them Node empties its queue of promises; only after all it asks the system, which costs more.
    for (let i = 0; i < stepsAtOnce; i++) setImmediate(stepOnce);
    await settled();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
