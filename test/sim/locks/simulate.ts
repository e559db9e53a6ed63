/**
 * One seed: two to six clients, ours and restic's, share a store whose listings lag, sleep, die, and meet faults. The
 * same seed is the same history. Answers with what was violated of the invariants X1 to X4 and X7.
 */

import type { Client, Scene } from './client.ts';
import { LaggingStore, type LagKind, lagOf } from './lagging-store.ts';
import { OurClient } from './our-client.ts';
import { ResticClient } from './restic-client.ts';
import { diceOf, VirtualTime } from './virtual-time.ts';

export interface Conditions {
  /** How long our clients wait, in lags: two is the design. */
  readonly settleFactor: number;
  /** How often the real lags are as long as the bound that our clients reckon with. */
  readonly beyond: number;
  readonly lagKinds: readonly LagKind[];
}

export const design: Conditions = {
  settleFactor: 2,
  beyond: 1,
  lagKinds: ['none', 'uniform', 'extreme', 'exponential'],
};

const stepsMax = 200_000;
const sleepsMs = [5_000, 5 * 60_000, 25 * 60_000, 40 * 60_000, 9 * 3_600_000];

export function simulate(seed: number, { settleFactor, beyond, lagKinds }: Conditions): string[] {
  const dice = diceOf(seed);
  const time = new VirtualTime();
  const boundMs = dice.pick([200, 1_000, 5_000, 15_000, 30_000]);
  const kind = dice.pick(lagKinds);
  const count = 2 + Math.floor(dice.between(0, 5));
  const store = new LaggingStore(count, () => lagOf(kind, boundMs * beyond, dice));
  const clients: Client[] = [];
  const isFaulty = dice.isLucky(0.5);
  const floorMs = (boundMs * settleFactor) / 2;
  const scene: Scene = { time, dice, store, clients, floorMs, boundMs, isFaulty, violations: [] };
  for (let number = 0; number < count; number++) {
    const isOurs = number === 0 || dice.isLucky(0.5);
    const client = isOurs ? new OurClient(scene, number, true) : new ResticClient(scene, number, false);
    clients.push(client);
    client.begin(1 + Math.floor(dice.between(0, 3)));
    disturb(scene, client);
  }
  time.run(stepsMax);
  for (const { id, owner } of store.left(time.nowMs))
    if (clients[owner]?.isOurs) scene.violations.push(`X7: ${id} is left`);
  return scene.violations;
}

function disturb(scene: Scene, client: Client): void {
  const { dice, time, store } = scene;
  if (dice.isLucky(0.1)) time.at(dice.between(0, 300_000), () => client.die());
  if (!dice.isLucky(0.25)) return;
  const ms = dice.pick(sleepsMs);
  time.at(dice.between(0, 300_000), () => {
    client.sleep(ms);
    if (ms <= 30 * 60_000 || dice.isLucky(0.5)) return;
    // Somebody takes its locks for stale, as restic's `unlock` does.
    time.at(time.nowMs + 31 * 60_000, () => {
      if (!client.isAsleep) return;
      for (const { id, owner, writtenMs } of store.left(time.nowMs))
        if (owner === client.number && time.nowMs - writtenMs > 30 * 60_000) store.remove(id, time.nowMs);
    });
  });
}
