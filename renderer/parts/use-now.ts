/**
 * The app's time as it goes on between two states: a quiet app tells none for hours, and "5 min ago" must not stand
 * still. Moves twice a minute, or as often as is asked.
 */
import { useEffect, useState } from 'react';
import { useApp } from '../use-app-state.ts';

const tickMsDefault = 30_000;

export function useNow(tickMs = tickMsDefault): number {
  const { nowMs } = useApp().state;
  const [passed, setPassed] = useState({ sinceMs: nowMs, ms: 0 });
  useEffect(() => {
    const toldAtMs = performance.now();
    const move = (): void => setPassed({ sinceMs: nowMs, ms: performance.now() - toldAtMs });
    const timer = setInterval(move, tickMs);
    return () => clearInterval(timer);
  }, [nowMs, tickMs]);
  return nowMs + (passed.sinceMs === nowMs ? passed.ms : 0);
}
