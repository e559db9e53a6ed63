/** What all parts of one simulated history share. */
import type { FileType } from '../../../engine/backend/backend.ts';
import type { Chance } from '../../../engine/base/chance.ts';
import type { Dice, VirtualTime } from '../locks/virtual-time.ts';
import type { BaseRepository } from './base-repository.ts';
import { type Chaos, type Outage, type RequestFault, requestFaults } from './chaos.ts';
import type { ModelDisk } from './model-disk.ts';
import type { SimSources } from './sim-sources.ts';
import type { SimStore } from './sim-store.ts';
import type { Watch } from './watch.ts';

export interface SceneParts {
  readonly dice: Dice;
  readonly chance: Chance;
  readonly time: VirtualTime;
  readonly chaos: Chaos;
  readonly base: BaseRepository;
  readonly store: SimStore;
  readonly disk: ModelDisk;
  readonly sources: SimSources;
  readonly watch: Watch;
  readonly counts: Counts;
  readonly tell: (line: string) => void;
}

export class Scene {
  readonly dice: Dice;
  readonly chance: Chance;
  readonly time: VirtualTime;
  readonly chaos: Chaos;
  readonly base: BaseRepository;
  readonly store: SimStore;
  readonly disk: ModelDisk;
  readonly sources: SimSources;
  readonly watch: Watch;
  readonly counts: Counts;
  readonly #tell: (line: string) => void;

  constructor(parts: SceneParts) {
    this.dice = parts.dice;
    this.chance = parts.chance;
    this.time = parts.time;
    this.chaos = parts.chaos;
    this.base = parts.base;
    this.store = parts.store;
    this.disk = parts.disk;
    this.sources = parts.sources;
    this.watch = parts.watch;
    this.counts = parts.counts;
    this.#tell = parts.tell;
  }

  /** Nothing goes wrong any more. */
  get isCalm(): boolean {
    return this.time.nowMs >= this.chaos.chaosMs;
  }

  outageNow(): Outage | undefined {
    const { nowMs } = this.time;
    const outage = this.chaos.outages.find(({ fromMs, untilMs }) => nowMs >= fromMs && nowMs < untilMs);
    if (outage !== undefined) this.counts.add('request in an outage');
    return outage;
  }

  drawFault(kind: string, type: FileType): RequestFault | undefined {
    const { rates, isNear } = this.chaos;
    if (this.isCalm) return undefined;
    for (const fault of requestFaults) {
      const rate = rates[fault];
      if (rate === 0 || !mayMeet(fault, kind, type, isNear) || !this.dice.isLucky(rate)) continue;
      this.counts.add(`fault: ${fault}`);
      this.note(`fault ${fault} for ${kind} ${type}`);
      return fault;
    }
    return undefined;
  }

  note(line: string): void {
    this.#tell(`${(this.time.nowMs / 1000).toFixed(3)} ${line}`);
  }

  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.time.at(this.time.nowMs + ms, resolve));
  }
}

/** A lock that is carried out hours later, or half of one, is a matter of the simulation of locks. */
function mayMeet(fault: RequestFault, kind: string, type: FileType, isNear: boolean): boolean {
  if (isNear) return fault === 'reset' || (fault === 'full' && kind === 'save');
  if (fault === 'full') return kind === 'save';
  if (fault === 'false-answer') return kind === 'save';
  if (fault === 'cut-off') return (kind === 'save' && type !== 'lock') || kind === 'load';
  if (fault === 'late') return type !== 'lock' && kind !== 'list';
  return true;
}

/** How often what was met: a simulation in which nothing happens would be green as well. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
