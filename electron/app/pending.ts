/**
 * Finishes by itself what waits on this computer: when the engine is ready, after every run, when the network or the
 * machine comes back, and now and then. One call for each vault is under way at most; it waits in the engine for its
 * gate. What fails waits for the next occasion, and is never lost by it.
 */
import * as v from 'valibot';
import type { EngineNews, PendingCommit } from '../../engine/protocol/engine-calls.ts';
import { gateViewSchema } from '../../engine/protocol/gate-view.ts';
import { gone } from '../../engine/protocol/link.ts';
import { type Core, type Finishing, vaultOf } from './core.ts';
import { createCountdown } from './countdown.ts';
import { isLookDue, seenRepositories, vaultOfCommit, waitsAlone } from './pending-views.ts';
import { refusal, toPlainFailure } from './plain-failure.ts';
import type { Vaults } from './vaults.ts';
import { adopt, settle, unsettled } from './waiting-records.ts';

/** After a failure, doubled each time; and how often it is looked at what waits at all. */
const restMs = 60_000;
const restMsMax = 15 * 60_000;
const lookMs = 5 * 60_000;
/** A look at snapshots that could not be made waits as if so many calls had failed. */
const failuresOfLook = 5;

/** A call for a vault; `isOver` where it has to end before it was made. */
interface Going {
  done: Promise<void>;
  isOver: boolean;
}

export class Pending {
  readonly #core: Core;
  readonly #vaults: Pick<Vaults, 'access' | 'look'>;
  readonly #countdown;
  /** Vaults that rest, each with what cancels its timer; and how often each failed in a row. */
  readonly #rests = new Map<string, () => void>();
  readonly #failures = new Map<string, number>();
  readonly #going = new Map<string, Going>();
  /** Vaults of which something is being dropped. */
  readonly #held = new Set<string>();
  readonly #seen = new Map<string, PendingCommit>();
  #cancelLook = (): void => undefined;
  #isClosed = false;

  constructor(core: Core, vaults: Pick<Vaults, 'access' | 'look'>) {
    this.#core = core;
    this.#vaults = vaults;
    this.#countdown = createCountdown(core, () =>
      [...core.known.finishing.values()].some(({ gate }) => gate?.nextLookMs !== undefined),
    );
  }

  /** What waits now, and what is to be looked at once more. Fails where the engine is gone. */
  async ask(): Promise<void> {
    const { parts, known } = this.#core;
    known.pending = await parts.engine.calls.pendingCommits(undefined);
    for (const commit of known.pending) this.#seen.set(commit.id, commit);
    const repositoryIds = seenRepositories(known);
    if (repositoryIds.length > 0) known.lateLooks = await parts.engine.calls.lateLooks({ repositoryIds });
  }

  /** Asks what waits, settles what waits no more, and goes on with the rest. */
  async look(): Promise<void> {
    const { parts, changed } = this.#core;
    this.#cancelLook();
    if (this.#isClosed || parts.engine.state().at !== 'ready') return;
    this.#cancelLook = parts.clock.after(lookMs, () => void this.look());
    try {
      await this.ask();
      adopt(this.#core);
      const ids = unsettled(this.#core);
      if (ids.length > 0) settle(this.#core, await parts.engine.calls.commitFates({ ids }), this.#seen);
    } catch {
      // The engine went away: it is asked again when it is back.
    }
    this.advance();
    changed();
  }

  /** Begins for every vault that has something to finish. */
  advance(): void {
    const { parts, known } = this.#core;
    if (this.#isClosed || known.paused !== undefined || parts.engine.state().at !== 'ready') return;
    for (const vaultId of this.#vaultsWaiting()) if (!this.#rests.has(vaultId)) this.#begin(vaultId, false);
  }

  /** There is reason to believe that it goes now. */
  async moved(): Promise<void> {
    for (const vaultId of [...this.#rests.keys()]) this.#endRest(vaultId);
    if (this.#core.parts.engine.state().at !== 'ready') return;
    // Where the engine is gone, so is what waited in it.
    await this.#core.parts.engine.calls.networkMoved(undefined).catch(() => undefined);
    await this.look();
  }

  /** Of the vault, or of all; also while backups are paused: a person asks for it. */
  async finishNow(vaultId: string | undefined): Promise<void> {
    const { parts, known } = this.#core;
    const waiting = this.#vaultsWaiting();
    for (const { id, location } of known.settings.vaults) {
      if (vaultId !== undefined && vaultId !== id) continue;
      this.#endRest(id);
      // Whoever waits already, a run among them, need not be asked a second time.
      await parts.engine.calls.finishNow({ location });
      if (waiting.has(id)) this.#begin(id, true);
    }
  }

  /** Whoever works on it is ended first. */
  async drop(id: string): Promise<void> {
    const { parts, known } = this.#core;
    const commit = known.pending.find((each) => each.id === id);
    if (commit === undefined) throw refusal('not-found', { what: 'pending-commit', id });
    const vaultId = vaultOfCommit(commit, known);
    if (vaultId !== undefined) this.#held.add(vaultId);
    try {
      if (vaultId !== undefined) await this.#end(vaultId);
      await parts.engine.calls.dropCommit({ id });
    } finally {
      if (vaultId !== undefined) this.#held.delete(vaultId);
      await this.look();
    }
  }

  hear(news: EngineNews): void {
    if (news.type !== 'gate') return;
    const { known, changed } = this.#core;
    const checked = v.safeParse(gateViewSchema, news.gate);
    const found = [...known.finishing].find(([, { runId }]) => runId === news.runId);
    if (!checked.success || found === undefined) return;
    known.finishing.set(found[0], { ...found[1], gate: checked.output });
    changed();
    this.#countdown.heed();
  }

  /** Ends what is under way, to go on later. */
  hold(): void {
    for (const vaultId of this.#going.keys()) void this.#end(vaultId);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
    this.#countdown.stop();
    for (const vaultId of [...this.#rests.keys()]) this.#endRest(vaultId);
  }

  async ended(): Promise<void> {
    await Promise.all([...this.#going.values()].map(({ done }) => done));
  }

  #vaultsWaiting(): Set<string> {
    const { known } = this.#core;
    const vaults = known.pending
      .filter((commit) => waitsAlone(commit, known))
      .map((commit) => vaultOfCommit(commit, known));
    const due = known.settings.vaults.map(({ id }) => id).filter((id) => isLookDue(id, known));
    return new Set([...vaults.filter((id) => id !== undefined), ...due]);
  }

  #begin(vaultId: string, now: boolean): void {
    if (this.#isClosed || this.#going.has(vaultId) || this.#held.has(vaultId)) return;
    const going: Going = { done: Promise.resolve(), isOver: false };
    this.#going.set(vaultId, going);
    going.done = this.#go(vaultId, now, going).finally(() => {
      this.#going.delete(vaultId);
      void this.look();
    });
  }

  async #go(vaultId: string, now: boolean, going: Going): Promise<void> {
    const { parts, known, changed } = this.#core;
    const before = known.finishing.get(vaultId);
    try {
      vaultOf(this.#core, vaultId);
      const asked = { runId: parts.makeId(), access: await this.#vaults.access(vaultId), now };
      if (going.isOver) return;
      known.finishing.set(vaultId, { ...before, runId: asked.runId });
      changed();
      const { finished } = await parts.engine.calls.finishCommits(asked);
      this.#ended(vaultId, {}, 0);
      if (finished > 0) void this.#vaults.look(vaultId);
      else await this.#restAfterNothing(vaultId);
    } catch (error) {
      const failure = toPlainFailure(error);
      if (failure.code === gone.code || failure.code === 'cancelled') return this.#ended(vaultId, {}, 0);
      const failures = (this.#failures.get(vaultId) ?? 0) + 1;
      this.#ended(vaultId, { failure }, failures);
      this.#rest(vaultId, failures);
    }
  }

  /** Somebody else is at it, it belongs elsewhere, or there was only a look to be made: not at once again. */
  async #restAfterNothing(vaultId: string): Promise<void> {
    await this.ask().catch(() => undefined);
    this.#rest(vaultId, isLookDue(vaultId, this.#core.known) ? failuresOfLook : 1);
  }

  #ended(vaultId: string, left: Finishing, failures: number): void {
    this.#core.known.finishing.set(vaultId, left);
    this.#failures.set(vaultId, failures);
  }

  #rest(vaultId: string, failures: number): void {
    if (this.#isClosed) return;
    const endRest = (): void => {
      this.#rests.delete(vaultId);
      this.advance();
    };
    const ms = Math.min(restMsMax, restMs * 2 ** (failures - 1));
    this.#rests.set(vaultId, this.#core.parts.clock.after(ms, endRest));
  }

  #endRest(vaultId: string): void {
    this.#rests.get(vaultId)?.();
    this.#rests.delete(vaultId);
  }

  async #end(vaultId: string): Promise<void> {
    const { parts, known } = this.#core;
    const going = this.#going.get(vaultId);
    if (going === undefined) return;
    going.isOver = true;
    const runId = known.finishing.get(vaultId)?.runId;
    if (runId !== undefined) await parts.engine.calls.cancel({ runId }).catch(() => undefined);
    await going.done;
  }
}
