/**
 * When the engine's process is started, and when no more: a machine without I/O that `host.ts` drives. Invariants:
 * 1. At most one process lives: it is spawned only where none is left.
 * 2. Only an engine that has answered is `ready`; calls go nowhere else.
 * 3. A crash is followed by a wait and a new start, until there were too many of them in too short a time.
 * 4. After `drain` nothing is started any more, and whoever asked for it is told the end exactly once.
 */

/** `crashesMs` are the times of the crashes that still count. */
export type Lifecycle =
  | { readonly at: 'idle' }
  | { readonly at: 'starting'; readonly crashesMs: readonly number[] }
  | { readonly at: 'ready'; readonly crashesMs: readonly number[] }
  | { readonly at: 'waiting'; readonly crashesMs: readonly number[]; readonly untilMs: number }
  | { readonly at: 'gave-up'; readonly crashesMs: readonly number[] }
  | { readonly at: 'draining' }
  | { readonly at: 'ended' };

export type LifecycleEvent =
  /** Somebody wants it to run: at first, or once more after it gave up. */
  | { readonly type: 'start' }
  | { readonly type: 'answered' }
  | { readonly type: 'start-timed-out' }
  | { readonly type: 'exited' }
  | { readonly type: 'waited' }
  | { readonly type: 'drain' }
  | { readonly type: 'drained' }
  | { readonly type: 'drain-timed-out' };

export type LifecycleEffect =
  /** Spawn it, ask whether it is there, and watch how long that takes. */
  | { readonly do: 'spawn' }
  | { readonly do: 'wait'; readonly ms: number }
  /** Ask it to drain, and watch how long that takes. */
  | { readonly do: 'ask-drain' }
  | { readonly do: 'kill' }
  /** Tell whoever asked for the drain that all is over. */
  | { readonly do: 'finish' };

export interface LifecycleLimits {
  readonly startMsMax: number;
  readonly drainMsMax: number;
  /** The wait after the first crash; it doubles with each one, up to the most. */
  readonly waitMsMin: number;
  readonly waitMsMax: number;
  readonly crashesMax: number;
  /** A crash counts for so long. */
  readonly crashCountsMs: number;
}

/** The most wait and an ordinary start together stay within 5 s. */
export const lifecycleLimits: LifecycleLimits = {
  startMsMax: 15_000,
  drainMsMax: 10_000,
  waitMsMin: 500,
  waitMsMax: 3_000,
  crashesMax: 5,
  crashCountsMs: 10 * 60_000,
};

export type Step = readonly [Lifecycle, ...LifecycleEffect[]];

export function step(
  state: Lifecycle,
  event: LifecycleEvent,
  nowMs: number,
  limits: LifecycleLimits = lifecycleLimits,
): Step {
  switch (state.at) {
    case 'idle':
      if (event.type === 'start') return [{ at: 'starting', crashesMs: [] }, { do: 'spawn' }];
      return event.type === 'drain' ? ended : [state];
    case 'starting':
      if (event.type === 'answered') return [{ at: 'ready', crashesMs: state.crashesMs }];
      // It will exit, and that is what counts as a crash.
      if (event.type === 'start-timed-out') return [state, { do: 'kill' }];
      if (event.type === 'exited') return crashed(state.crashesMs, nowMs, limits);
      // Nothing was asked of it yet, so nothing is lost.
      return event.type === 'drain' ? [{ at: 'ended' }, { do: 'kill' }, { do: 'finish' }] : [state];
    case 'ready':
      if (event.type === 'exited') return crashed(state.crashesMs, nowMs, limits);
      return event.type === 'drain' ? [{ at: 'draining' }, { do: 'ask-drain' }] : [state];
    case 'waiting':
      if (event.type === 'waited' || event.type === 'start')
        return [{ at: 'starting', crashesMs: state.crashesMs }, { do: 'spawn' }];
      return event.type === 'drain' ? ended : [state];
    case 'gave-up':
      if (event.type === 'start') return [{ at: 'starting', crashesMs: [] }, { do: 'spawn' }];
      return event.type === 'drain' ? ended : [state];
    case 'draining':
      if (event.type === 'drained') return [state, { do: 'kill' }];
      if (event.type === 'exited') return ended;
      return event.type === 'drain-timed-out' ? [{ at: 'ended' }, { do: 'kill' }, { do: 'finish' }] : [state];
    case 'ended':
      return [state];
    default:
      return assertNever(state);
  }
}

const ended: Step = [{ at: 'ended' }, { do: 'finish' }];

function crashed(before: readonly number[], nowMs: number, limits: LifecycleLimits): Step {
  const crashesMs = [...before.filter((ms) => nowMs - ms < limits.crashCountsMs), nowMs];
  if (crashesMs.length >= limits.crashesMax) return [{ at: 'gave-up', crashesMs }];
  const ms = Math.min(limits.waitMsMin * 2 ** (crashesMs.length - 1), limits.waitMsMax);
  return [
    { at: 'waiting', crashesMs, untilMs: nowMs + ms },
    { do: 'wait', ms },
  ];
}

function assertNever(state: never): never {
  throw new Error(`no such state: ${JSON.stringify(state)}`);
}
