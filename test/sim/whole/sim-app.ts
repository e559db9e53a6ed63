/**
 * The app on a simulated machine: a process that backs up, finishes what waits, is told to cancel or to finish now, dies and
 * is started again. All that it does, the engine does; here is only when.
 */
import { overNetwork } from '../../../engine/backend/open-backend.ts';
import { probeStore } from '../../../engine/backend/probe.ts';
import { StoreLine } from '../../../engine/backend/store-line.ts';
import { fromText } from '../../../engine/base/byte-string.ts';
import { Failure, isFailure } from '../../../engine/base/failure.ts';
import { inlineCompute } from '../../../engine/compute/inline-compute.ts';
import { unseal } from '../../../engine/format/seal.ts';
import { runBackup } from '../../../engine/job/backup.ts';
import { type GateLook, NetworkGate } from '../../../engine/job/gate.ts';
import { dropPending, finishPending, pendingRuns } from '../../../engine/job/pending-commits.ts';
import { RunMemory } from '../../../engine/job/run-memory.ts';
import type { Journal } from '../../../engine/journal/journal.ts';
import type { BackupNews } from '../../../engine/protocol/run-news.ts';
import type { Repository, World } from '../../../engine/repo/repository.ts';
import { requestWith } from '../../support/back-up.ts';
import type { OwnLocks } from '../../support/memory-journal.ts';
import { repositoryOf } from './base-repository.ts';
import type { Scene } from './scene.ts';
import { SimLink } from './sim-link.ts';
import type { SimProcess } from './sim-process.ts';
import { sourceFolder } from './sim-sources.ts';

const minuteMs = 60_000;
const packBytesTarget = 4_000;

export class SimApp {
  readonly #scene: Scene;
  readonly #process: SimProcess;
  readonly #repository: Repository;
  readonly #memory: RunMemory;
  readonly #line = new StoreLine();
  readonly #bare: SimLink;
  #gate: NetworkGate;
  #cancel = new AbortController();
  readonly #calm = new AbortController();
  /** All that waited is committed, and one more backup is done, with nothing in the way. */
  isDone = false;
  committedMs: number | undefined;
  /** Whoever wants to know what the gate sees, and that a run is told as done. */
  onLook: (look: GateLook) => void = () => {};
  onDone: () => void = () => {};

  constructor(scene: Scene, process: SimProcess) {
    this.#scene = scene;
    this.#process = process;
    const { disk, chaos, base } = scene;
    const journal = disk.journalFor(process, (word, args) => this.#told(word, args));
    this.#memory = new RunMemory(journal, disk.spoolFor(process));
    this.#bare = new SimLink(scene, process);
    const world = this.#world(journal);
    const backend = chaos.isNear ? this.#bare : overNetwork(this.#bare, { ...world, access: {} }, this.#line);
    this.#repository = repositoryOf(base, backend, world);
    this.#gate = this.#makeGate();
  }

  /** From the start of the process to its death, or until all is done. */
  async live(): Promise<void> {
    const { dice, chaos } = this.#scene;
    if (dice.isLucky(0.5)) await this.act('backup');
    else await this.act('finish');
    while (!this.isDone) {
      if (this.#scene.isCalm) await this.#comeToAnEnd();
      else {
        const restMs = chaos.chaosMs / (chaos.isRushed ? 8 : 3);
        await this.#rest(dice.between(1_000, restMs));
        if (chaos.changesSources) this.#changeSources();
        await this.act(dice.pick(['backup', 'backup', 'finish', 'drop'] as const));
      }
    }
  }

  /** A person does something while work goes on. */
  poke(what: 'cancel' | 'finish-now' | 'moved'): void {
    if (this.#process.isDead || this.#process.isAsleep) return;
    this.#scene.counts.add(`person: ${what}`);
    if (what === 'cancel') this.#cancel.abort(new Failure('cancelled'));
    else if (what === 'finish-now') this.#gate.finishNow();
    else this.#gate.hear({ type: 'moved' });
  }

  hearRoute(hasRoute: boolean): void {
    if (!this.#process.isDead && !this.#process.isAsleep) this.#gate.hear({ type: 'route', hasRoute });
  }

  /** Nothing goes wrong any more: nobody rests. */
  hearCalm(): void {
    this.#calm.abort();
  }

  /** The history is over: what a dead process still waits for ends, or Node keeps every signal that it listens to. */
  bury(): void {
    this.#cancel.abort(new Failure('cancelled'));
  }

  async #comeToAnEnd(): Promise<void> {
    const { time } = this.#scene;
    await this.act('finish');
    if (pendingRuns(this.#memory).length > 0) return await this.#process.clock.sleep(minuteMs);
    this.committedMs ??= time.nowMs;
    const isDone = await this.act('backup');
    await this.#memory.rest();
    this.isDone = isDone;
    if (!this.isDone) await this.#process.clock.sleep(minuteMs);
  }

  /** Until then, or until all is calm. */
  async #rest(ms: number): Promise<void> {
    await this.#process.clock.sleep(ms, this.#calm.signal);
  }

  async act(what: 'backup' | 'finish' | 'drop'): Promise<boolean> {
    const { counts } = this.#scene;
    this.#cancel = new AbortController();
    this.#gate = this.#makeGate();
    this.#scene.note(`${what} begins`);
    let ended = 'well';
    try {
      if (what === 'backup') await this.#backUp(this.#cancel.signal);
      else if (what === 'finish') await this.#finish(this.#cancel.signal);
      else await this.#drop();
    } catch (error) {
      if (!isFailure(error))
        this.#scene.watch.fail(`${what} ended with ${error instanceof Error ? error.stack : error}`);
      ended = isFailure(error) ? error.code : 'an error that is no failure';
      this.#scene.note(`${what} fails: ${isFailure(error) ? error.message : ended}`);
    }
    counts.add(`${what}: ${ended}`);
    return ended === 'well';
  }

  async #backUp(signal: AbortSignal): Promise<void> {
    const { dice, isCalm, watch, store } = this.#scene;
    const request = requestWith({
      targets: [fromText(sourceFolder)],
      hostname: 'ours',
      packBytesTarget,
      memory: this.#memory,
      gate: this.#gate,
      skipIfUnchanged: dice.isLucky(0.2),
      lockRetryMs: isCalm ? 10 * minuteMs : dice.pick([0, minuteMs]),
    });
    const news = (told: BackupNews): void => {
      if (told.type === 'snapshot-incomplete') watch.incomplete.set(told.snapshotId, told.missingBlobs);
    };
    const listener = { progress: () => {}, news };
    const { sources } = this.#scene;
    const summary = await runBackup(this.#repository, sources, request, listener, signal);
    const { snapshotId } = summary;
    if (
      snapshotId !== undefined &&
      !watch.forgotten.has(snapshotId) &&
      store.get('snapshot', snapshotId) === undefined
    )
      watch.fail(`C1: a backup ended well without its snapshot ${snapshotId}`);
  }

  async #finish(signal: AbortSignal): Promise<void> {
    if (pendingRuns(this.#memory).length === 0) return;
    this.#scene.counts.add('pending commits met');
    const [repository, memory, gate] = [this.#repository, this.#memory, this.#gate];
    const lockRetryMs = this.#scene.isCalm ? 10 * minuteMs : minuteMs;
    await finishPending({ repository, memory, gate, lockRetryMs, signal, onStep: () => undefined });
  }

  /** Seldom. */
  async #drop(): Promise<void> {
    const [run] = pendingRuns(this.#memory);
    if (run === undefined || !this.#scene.dice.isLucky(0.2)) return;
    this.#scene.counts.add('dropped');
    await dropPending(this.#memory, run, this.#process.clock);
  }

  #changeSources(): void {
    const { dice, sources, chance } = this.#scene;
    if (dice.isLucky(0.7)) sources.change(dice, chance, 1 + Math.floor(dice.between(0, 4)));
  }

  #makeGate(): NetworkGate {
    const { dice, chaos, base, isCalm } = this.#scene;
    const { clock } = this.#process;
    const giveUpMs = isCalm || !chaos.mayGiveUp ? undefined : dice.pick([undefined, 0, 10 * minuteMs]);
    return new NetworkGate({
      clock,
      needsNetwork: !chaos.isNear,
      line: this.#line,
      tell: (look) => this.onLook(look),
      probe: (signal) =>
        probeStore(this.#bare, clock, (config) => unseal(base.key, config) !== undefined, signal),
      ...(giveUpMs === undefined ? {} : { giveUpMs }),
    });
  }

  #told(word: string, args: readonly unknown[]): void {
    const { watch, disk, sources, counts } = this.#scene;
    const { journal } = disk;
    const [runId, second] = args as [string, unknown];
    const [name = ''] = [second, (second as { id?: unknown } | undefined)?.id].filter(
      (each) => typeof each === 'string',
    ) as string[];
    if (word !== 'own') this.#scene.note(`journal: ${word} ${name.slice(0, 8)}`);
    if (word === 'pack') watch.packed(journal, runId, second as Parameters<Journal['pack']>[1]);
    if (word === 'seal') watch.sealed(runId, second as Parameters<Journal['seal']>[1], sources.state);
    if (word === 'reopen') watch.begunAnew(runId);
    if (word === 'end' && second === 'done') {
      watch.done(journal, runId);
      this.onDone();
    }
    if (word === 'seal' || word === 'reopen' || word === 'end') counts.add(`journal: ${word}`);
  }

  #world(locks: OwnLocks): World {
    const { chance, sources, disk } = this.#scene;
    const { clock, pid } = this.#process;
    return {
      clock,
      chance,
      log: { warn: (line) => this.#scene.note(line), note: (line) => this.#scene.note(line) },
      host: { hostname: 'ours', username: 'me', uid: 1000, gid: 1000, pid },
      compute: inlineCompute({ chance, clock, files: sources }),
      locks: disk.locksFor(locks),
      // Only one process lives at a time.
      lookAtProcess: (each) => ({ is: each === pid ? 'running' : 'gone' }),
    };
  }
}
