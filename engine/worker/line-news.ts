/** Tells the app how the way to a store is, whenever that has changed, four times a second at most. */

import type { StoreLine } from '../backend/store-line.ts';
import { type Clock, wallMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Breaker } from '../machine/breaker.ts';
import { failureShare, goodput } from '../machine/store-facts.ts';
import type { BreakerView, LineNews, LineView } from '../protocol/line-view.ts';

/** From now on, for as long as the line is used. */
export function tellLine(
  location: string,
  line: StoreLine,
  clock: Clock,
  tell: (news: LineNews) => void,
): void {
  let isComing = false;
  line.onChange = () => {
    if (isComing) return;
    isComing = true;
    void clock.sleep(limits.lineTellMs).then(() => {
      isComing = false;
      tell({ type: 'line', location, line: lineView(line, clock) });
    });
  };
}

export function lineView(line: StoreLine, clock: Pick<Clock, 'wallNs' | 'elapsedMs'>): LineView {
  const { facts } = line;
  const elapsedMs = clock.elapsedMs();
  const nowMs = wallMs(clock);
  const wallAt = (atMs: number): number => Math.round(nowMs + atMs - elapsedMs);
  const known = {
    roundTripMs: facts.roundTrip?.smoothMs,
    up: goodput(facts.upSpeeds, elapsedMs),
    down: goodput(facts.downSpeeds, elapsedMs),
  };
  return {
    ...worstWait(line, wallAt),
    reads: breakerView(line.breakers.reads, wallAt),
    writes: breakerView(line.breakers.writes, wallAt),
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    requests: facts.requests,
    failures: Object.values(facts.failures).reduce((sum, count) => sum + count, 0),
    failureShare: failureShare(facts),
    uploadsAtOnce: line.uploadsAtOnce,
  };
}

/** The one that comes last. The first tries of something that passes by itself are nobody's concern. */
function worstWait({ waits }: StoreLine, wallAt: (ms: number) => number): Pick<LineView, 'waiting'> {
  const [wait] = waits
    .filter(({ failure, failures }) => failures >= 3 || failure.next === 'later')
    .sort((a, b) => b.untilMs - a.untilMs);
  if (wait === undefined) return {};
  return { waiting: { code: wait.failure.code, failures: wait.failures, untilMs: wallAt(wait.untilMs) } };
}

function breakerView(breaker: Breaker, wallAt: (ms: number) => number): BreakerView {
  if (breaker.at === 'closed') return { at: 'closed' };
  const { code } = breaker;
  return breaker.at === 'trying'
    ? { at: 'trying', code }
    : { at: 'open', code, untilMs: wallAt(breaker.untilMs) };
}
