/**
 * Waits for our turn in a vault among the processes of this machine, the app's and the command line's, and does the
 * work then. The queue is in this machine's memory of locks; without one, there is nobody to wait for. Locks still
 * keep other machines apart.
 */

import { assert } from '../base/assert.ts';
import { wallMs } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { formatTime } from '../format/go-time.ts';
import { lagBoundMs } from '../machine/list-lag.ts';
import { type QueueFacts, type Turn, turnOf, withoutDead } from '../machine/vault-queue.ts';
import type { QueueEntry } from '../protocol/vault-queue.ts';
import { rememberedLag } from '../repo/lag-memory.ts';
import type { Repository } from '../repo/repository.ts';

export interface QueueRequest {
  readonly work: QueueEntry['work'];
  readonly label: string;
  readonly exclusive: boolean;
  readonly signal: AbortSignal;
  /** Whether a commit of ours waits for this repository. */
  hasPendingCommit(): boolean;
  /** Told when it has to wait, and whenever that changes. */
  waits(turn: Extract<Turn, { is: 'wait' }>): void;
}

/** A backup waits for its turn, and says for whom. */
export async function backUpInTurn<Result>(
  repository: Repository,
  label: string,
  signal: AbortSignal,
  backUp: () => Promise<Result>,
): Promise<Result> {
  const { log } = repository.world;
  const request: QueueRequest = {
    work: 'backup',
    label,
    exclusive: false,
    signal,
    hasPendingCommit: () => false,
    waits: (turn) => log.note(sentenceOf(turn)),
  };
  const result = await inTurn(repository, request, backUp);
  assert(result !== 'merged', 'a backup is no maintenance');
  return result;
}

function sentenceOf({ because, position, behind }: Extract<Turn, { is: 'wait' }>): string {
  const place = position === 1 ? 'we are next' : `${position - 1} wait before us`;
  if (behind === undefined || because === 'spacing') return `waiting a moment for the store; ${place}`;
  const since =
    behind.startedMs === undefined ? '' : ` since ${formatTime(BigInt(behind.startedMs) * 1_000_000n)}`;
  return `process ${behind.pid} of this machine works in the vault${since}: ${behind.label}; ${place}`;
}

/** The answer of the work; `merged` where somebody else does it or just did. Fails as the work does, and with `cancelled`. */
export async function inTurn<Result>(
  repository: Repository,
  request: QueueRequest,
  work: () => Promise<Result>,
): Promise<Result | 'merged'> {
  if (repository.world.locks === undefined) return await work();
  const place = new Place(repository, request);
  place.take();
  let isDone = false;
  try {
    if ((await place.wait()) === 'merged') return 'merged';
    const result = await work();
    isDone = true;
    return result;
  } finally {
    place.leave(isDone);
  }
}

class Place {
  readonly #repository: Repository;
  readonly #request: QueueRequest;
  readonly #ticket: string;
  #hasStarted = false;

  constructor(repository: Repository, request: QueueRequest) {
    this.#repository = repository;
    this.#request = request;
    this.#ticket = Buffer.from(repository.world.chance.bytes(16)).toString('hex');
  }

  take(): void {
    const { world } = this.#repository;
    const { work, label, exclusive } = this.#request;
    const { hostname, pid } = world.host;
    const { sinceMs } = world.lookAtProcess?.(pid) ?? {};
    const entry: QueueEntry = {
      ticket: this.#ticket,
      hostname,
      pid,
      ...(sinceMs === undefined ? {} : { processSinceMs: sinceMs }),
      work,
      label,
      exclusive,
      askedMs: this.#nowMs(),
    };
    this.#change((entries) => [...entries, entry]);
  }

  async wait(): Promise<'go' | 'merged'> {
    const { clock } = this.#repository.world;
    for (let told = ''; ; ) {
      if (this.#request.signal.aborted) throw new Failure('cancelled');
      const turn = this.#look();
      if (turn.is !== 'wait') return turn.is;
      const now = JSON.stringify(turn);
      if (now !== told) this.#request.waits(turn);
      told = now;
      await clock.sleep(limits.queuePollMs, this.#request.signal);
    }
  }

  /** Whoever sees that it is its turn has it: nobody else looks at the same time. */
  #look(): Turn {
    const facts = this.#facts();
    let turn: Turn = { is: 'go' };
    this.#change((entries) => {
      const living = withoutDead(entries, facts);
      turn = turnOf(living, this.#ticket, facts);
      if (turn.is !== 'go') return living;
      this.#hasStarted = true;
      return living.map((entry) => (this.#isMine(entry) ? { ...entry, startedMs: facts.nowMs } : entry));
    });
    return turn;
  }

  /** Work that was done is remembered: for the spacing, and so that it is not done again at once. */
  leave(isDone: boolean): void {
    const endedMs = this.#nowMs();
    const keeps = this.#hasStarted && (isDone || this.#request.work === 'backup');
    this.#change((entries) =>
      entries.flatMap((entry) => {
        if (!this.#isMine(entry)) return [entry];
        return keeps ? [{ ...entry, endedMs }] : [];
      }),
    );
  }

  #isMine({ ticket }: QueueEntry): boolean {
    return ticket === this.#ticket;
  }

  #change(change: (entries: QueueEntry[]) => readonly QueueEntry[]): void {
    this.#repository.world.locks?.changeQueue(this.#repository.config.id, change);
  }

  #facts(): QueueFacts {
    const facts = factsNow(this.#repository);
    return {
      ...facts,
      hasPendingCommit: this.#request.hasPendingCommit(),
      isAlive: (entry) => this.#isMine(entry) || facts.isAlive(entry),
    };
  }

  #nowMs(): number {
    return wallMs(this.#repository.world.clock);
  }
}

/** Who works and who waits, for a look: nothing is changed. */
export function queueNow(repository: Repository): QueueEntry[] {
  const entries = repository.world.locks?.queue(repository.config.id) ?? [];
  return withoutDead(entries, factsNow(repository)).filter(({ endedMs }) => endedMs === undefined);
}

function factsNow(repository: Repository): QueueFacts {
  const nowMs = wallMs(repository.world.clock);
  return {
    nowMs,
    lagMs: lagBoundMs(rememberedLag(repository), nowMs),
    hasPendingCommit: false,
    isAlive: (entry) => isAlive(repository.world, entry),
  };
}

/** A folder that several machines share says nothing about processes of the others: they are not waited for. */
function isAlive({ host, lookAtProcess }: Repository['world'], entry: QueueEntry): boolean {
  if (entry.hostname !== host.hostname) return false;
  const process = lookAtProcess?.(entry.pid);
  if (process?.is === 'gone') return false;
  if (process?.sinceMs === undefined || entry.processSinceMs === undefined) return true;
  return Math.abs(process.sinceMs - entry.processSinceMs) < limits.clockDoubtMs;
}
