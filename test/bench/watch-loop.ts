/**
 * Loaded before Slackwater by `event-loop.ts` (`node --import`): looks at the event loop of the first thread while it
 * works, and writes what it saw into the file that `WATCHED_LOOP` names when the process ends.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Milliseconds. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Stretch {
  readonly ms: number;
  readonly atMs: number;
}

export interface WatchedLoop {
  /** How late the loop came to what was due: on a busy machine, what others took is in it. */
  readonly waited: Spread;
  /** What the thread itself worked from one look to the next: the most that it can have kept the loop waiting. */
  readonly worked: Spread;
  /** The longest ones, with the time since the start at which each ended: the first are of the start itself. */
  readonly longest: readonly Stretch[];
}

const lookEveryMs = 1;
const resolutionMs = 5;
const longestMax = 5;

const file = process.env.WATCHED_LOOP;
if (isMainThread && file !== undefined) watch(file);

function watch(target: string): void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  const stretchesMs: number[] = [];
  let longest: Stretch[] = [];
  // What is loaded at the start is not work that anybody waits for.
  let last = process.threadCpuUsage();
  let isFirst = true;
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    if (isFirst) {
      isFirst = false;
      delays.enable();
      return;
    }
    const ms = (user + system) / 1000;
    stretchesMs.push(ms);
    if (longest.length === longestMax && ms <= longest.at(-1)!.ms) return;
    const all = [...longest, { ms, atMs: performance.now() }];
    longest = all.sort((a, b) => b.ms - a.ms).slice(0, longestMax);
  };
  setInterval(look, lookEveryMs).unref();
  process.on('exit', () => {
    const waitedMs = (percentile: number): number =>
      Math.max(0, delays.percentile(percentile) / 1e6 - resolutionMs);
    const sorted = stretchesMs.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const watched: WatchedLoop = {
      waited: { p50: waitedMs(50), p99: waitedMs(99), max: waitedMs(100) },
      worked: { p50: at(0.5), p99: at(0.99), max: at(1) },
      longest,
    };
    writeFileSync(target, JSON.stringify(watched));
  });
}
