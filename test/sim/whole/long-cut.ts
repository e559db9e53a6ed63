/**
 * One history without chance: a run is sealed, and with that word its network goes away for hours; in the middle of it the
 * power fails; then all is calm. When was the network found to be good again, and when was the snapshot there?
 */

import { diceOf } from '../locks/virtual-time.ts';
import type { BaseRepository } from './base-repository.ts';
import { type Chaos, hourMs, type Outage, requestFaults } from './chaos.ts';
import { judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { SimApp } from './sim-app.ts';
import { SimProcess } from './sim-process.ts';
import { makeScene, turn } from './simulate.ts';

export interface LongCut {
  readonly violations: readonly string[];
  /** Virtual times: the network was back, the gate called it good, the run was told as done. */
  readonly backMs: number;
  readonly goodMs: number;
  readonly committedMs: number;
  /** Files that were read after the seal. */
  readonly sourcesOpenedAgain: number;
}

export interface CutWanted {
  readonly cutMs: number;
  readonly isSilent: boolean;
  readonly isTold: boolean;
}

export async function simulateLongCut(base: BaseRepository, wanted: CutWanted): Promise<LongCut> {
  const outages: Outage[] = [];
  const { scene, truth } = makeScene(base, diceOf(1), { ...quiet, outages });
  const { watch, time, sources } = scene;
  const seen = { backMs: 0, goodMs: 0, committedMs: 0, openedMs: 0, openedThen: 0 };
  watch.onSealed = () => {
    const fromMs = time.nowMs;
    seen.backMs = fromMs + wanted.cutMs;
    seen.openedThen = sources.opened;
    outages.push({ ...wanted, fromMs, untilMs: seen.backMs });
  };
  const first = boot(scene, 1, seen);
  void first.app.act('backup');
  await turn(scene, () => watch.seals.length > 0);
  if (wanted.isTold) first.app.hearRoute(false);
  await until(scene, time.nowMs + wanted.cutMs / 2);
  first.process.die('power cut');
  await scene.disk.die(true);
  const second = boot(scene, 2, seen);
  const finished = second.app.act('finish');
  let isFinished = false;
  void finished.then(() => {
    isFinished = true;
  });
  if (wanted.isTold) {
    second.app.hearRoute(false);
    time.at(seen.backMs, () => second.app.hearRoute(true));
  }
  await turn(scene, () => isFinished);
  await judge(scene, truth, true);
  const { backMs, goodMs, committedMs } = seen;
  return {
    violations: watch.violations,
    backMs,
    goodMs,
    committedMs,
    sourcesOpenedAgain: sources.opened - seen.openedThen,
  };
}

const quiet: Chaos = {
  chaosMs: 24 * hourMs,
  isNear: false,
  rates: Object.fromEntries(requestFaults.map((fault) => [fault, 0])) as Chaos['rates'],
  outages: [],
  ...{ lagMs: 0, latencyMs: 40, packMs: 0, rivals: 0, crashes: 0, sleeps: 0, tearRate: 0 },
  mayUnlockAll: false,
  spoolQuotaBytes: 1e9,
  changesSources: false,
  isRushed: false,
  mayGiveUp: false,
};

function boot(
  scene: Scene,
  pid: number,
  seen: { goodMs: number; committedMs: number; backMs: number },
): { process: SimProcess; app: SimApp } {
  const { time } = scene;
  const process = new SimProcess(pid, time);
  const app = new SimApp(scene, process);
  app.onLook = ({ level }) => {
    if (level === 'good' && time.nowMs >= seen.backMs) seen.goodMs ||= time.nowMs;
  };
  app.onDone = () => {
    seen.committedMs = time.nowMs;
  };
  return { process, app };
}

async function until(scene: Scene, ms: number): Promise<void> {
  let isOver = false;
  scene.time.at(ms, () => {
    isOver = true;
  });
  await turn(scene, () => isOver);
}
