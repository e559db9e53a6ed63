/**
 * When silence on a request means that its connection is dead, and when hardly a byte a second means the same.
 * Invariants: a request on which bytes move as the line lets them is never ended; on a link that was measured as good, silence is noticed within seconds, and within
 * `silenceMsMax` anyway where nothing says that the store is slow; each time that this was wrong, the next wait is
 * twice as long, so that a slow store is served in the end.
 */
import { limits } from '../base/limits.ts';
import { goodput, overdueMs, type StoreFacts, type StoreOperation } from './store-facts.ts';

/** A request as the watchdog sees it. */
export interface Watched {
  readonly operation: StoreOperation;
  readonly movedMs: number;
  readonly upBytes: number;
  /** Bytes have come: what was sent has arrived. */
  readonly isAnswering: boolean;
  /** A stretch of time, and what moved in it. */
  readonly stretchMs: number;
  readonly stretchBytes: number;
}

export function startWatch(operation: StoreOperation, nowMs: number): Watched {
  return { operation, movedMs: nowMs, upBytes: 0, isAnswering: false, stretchMs: nowMs, stretchBytes: 0 };
}

export function withProgress(
  watched: Watched,
  nowMs: number,
  bytes: number,
  direction: 'up' | 'down',
): Watched {
  // A little later than it is judged, so that it is.
  const isOver = nowMs - watched.stretchMs > limits.trickleMs * 1.25;
  const moved = {
    ...watched,
    movedMs: nowMs,
    stretchMs: isOver ? nowMs : watched.stretchMs,
    stretchBytes: isOver ? bytes : watched.stretchBytes + bytes,
  };
  return direction === 'up'
    ? { ...moved, upBytes: watched.upBytes + bytes }
    : { ...moved, isAnswering: true };
}

/** The time that we ourselves held it up says nothing about the line. */
export function afterHold(watched: Watched, nowMs: number): Watched {
  return { ...watched, movedMs: nowMs, stretchMs: nowMs, stretchBytes: 0 };
}

/** The whole program was stopped for so long: what came meanwhile is still to be read. */
export function afterStop(watched: Watched, stoppedMs: number): Watched {
  return {
    ...watched,
    movedMs: watched.movedMs + stoppedMs,
    stretchMs: watched.stretchMs + stoppedMs,
  };
}

/** Milliseconds from now until it has been too long; none left: end the request. */
export function patienceLeftMs(watched: Watched, nowMs: number, facts: StoreFacts, silences: number): number {
  const silenceLeftMs = watched.movedMs + silenceMs(watched, nowMs, facts, silences) - nowMs;
  return Math.min(silenceLeftMs, trickleLeftMs(watched, nowMs, facts, silences));
}

/** A request that moves at a small part of what others got: a new connection may do better, but only so often. */
function trickleLeftMs(watched: Watched, nowMs: number, facts: StoreFacts, silences: number): number {
  const perSecond = goodput(watched.isAnswering ? facts.downSpeeds : facts.upSpeeds, nowMs);
  if (perSecond === undefined || silences >= limits.tricklesMax) return Number.POSITIVE_INFINITY;
  const least = (perSecond * limits.trickleShare * limits.trickleMs) / 1000;
  if (watched.stretchBytes >= least) return Number.POSITIVE_INFINITY;
  const leftMs = watched.stretchMs + limits.trickleMs - nowMs;
  // Where nothing moved lately, it is silent: that has its own time.
  const isMoving = watched.movedMs - watched.stretchMs > limits.trickleMs / 2;
  return leftMs > 0 || isMoving ? leftMs : Number.POSITIVE_INFINITY;
}

/** `silences`: how many requests of the kind were ended as silent since the last one that went well. */
export function silenceMs(watched: Watched, nowMs: number, facts: StoreFacts, silences: number): number {
  const overdue = overdueMs(facts);
  const measured =
    overdue === undefined
      ? limits.silenceMsMax
      : Math.min(limits.silenceMsMax, Math.max(limits.silenceMsMin, 4 * overdue));
  // A store that took long before, and then answered, may take as long again.
  const known = (facts.slowestMs[watched.operation] ?? 0) * 1.5;
  const grown = Math.max(measured, known) * 2 ** Math.min(silences, 10);
  return Math.min(grown, limits.silenceMsEver) + buffersMs(watched, nowMs, facts);
}

/** The system takes bytes before the link does: what may still be in its buffers needs its time. */
function buffersMs(watched: Watched, nowMs: number, facts: StoreFacts): number {
  const perSecond = goodput(facts.upSpeeds, nowMs, 0.1);
  if (watched.isAnswering || perSecond === undefined || perSecond <= 0) return 0;
  const hidden = Math.min(watched.upBytes, limits.socketBufferBytes);
  return Math.min(((2 * hidden) / perSecond) * 1000, limits.silenceMsEver);
}
