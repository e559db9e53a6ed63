/**
 * The real clock, the real randomness, the real threads and who we are: the only place in the engine that asks the
 * system for them.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Chance } from '../base/chance.ts';
import type { CancelSignal, Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Compute } from '../compute/crew.ts';
import { threadCompute } from '../compute/pool.ts';
import { type Effort, threadCount } from '../machine/thread-count.ts';
import type { Host, ProcessLook } from '../repo/repository.ts';
import { realFiles } from '../source/source-files.ts';
import { unmapOwnProgram } from '../system/own-program.ts';

export const realClock: Clock = {
  wallNs: () => BigInt(Date.now()) * 1_000_000n,
  elapsedMs: () => performance.now(),
  sleep,
};

function sleep(ms: number, signal?: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    if (ms <= 0) return void setImmediate(resolve);
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}

const drawnBytes = 4_096;
let drawn = Buffer.alloc(0);

/** Draws for many small needs at once, because each blob has one; every byte is given away once. */
export const realChance: Chance = {
  bytes(count) {
    if (count > drawnBytes / 16) return randomBytes(count);
    if (drawn.length < count) drawn = randomBytes(drawnBytes);
    const bytes = Buffer.from(drawn.subarray(0, count));
    drawn = drawn.subarray(count);
    return bytes;
  },
};

/**
 * The room for new objects may grow up to here. By itself it grows to 128 MiB, far more than lives at any time, and all
 * of it counts as memory that we use.
 */
const youngHeapBytesMax = 6 * 1024 * 1024;
const youngHeapLookMs = 20;

/**
 * How often a function is called before the dearest of V8's compilers takes it up; by itself that is 3 000. Work of seconds,
 * in the heaps of three threads, spent a tenth of the processor's time on that, and won nothing of it back.
 */
const callsBeforeTurbofan = 100_000;

/** At first after so long, then at double the time, up to so long while there is work, and while there is none. */
const unmapFirstMs = 125;
const unmapBusyMs = 1_000;
const unmapIdleMs = 60_000;

/** Of young objects: from when it has become that large on, it stays as it is. (Its limit is only set at a start.) */
export function keepLean(): void {
  setFlagsFromString(`--heap-growing-percent=${limits.heapGarbagePercent}`);
  setFlagsFromString(`--invocation-count-for-turbofan=${callsBeforeTurbofan}`);
  // Young objects are few here, and collected often: to wake other threads for that took a tenth of the processor's time.
  setFlagsFromString('--no-parallel-scavenge');
  const look = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if ((young?.space_size ?? 0) < youngHeapBytesMax) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(look);
  }, youngHeapLookMs);
  look.unref();
  unmapAfter(unmapFirstMs);
}

/** A start needs much of the program that is not needed again: see `own-program.ts`. */
function unmapAfter(ms: number): void {
  const before = process.cpuUsage();
  const unmap = (): void => {
    unmapOwnProgram();
    const busyMs = process.cpuUsage(before).user / 1_000;
    unmapAfter(Math.min(2 * ms, busyMs > ms / 10 ? unmapBusyMs : unmapIdleMs));
  };
  setTimeout(unmap, ms).unref();
}

export function realCompute(effort: Effort = { onBattery: false }): Compute {
  const here = { chance: realChance, clock: realClock, files: realFiles };
  return threadCompute({ entry: threadEntry(import.meta.url), threadsMax: realThreadCount(effort), here });
}

export function realThreadCount(effort: Effort): number {
  return threadCount(effort, availableParallelism());
}

/**
 * The module of a thread stands in this one's folder, compiled or as it was written, in an archive of Electron's too; or, where
 * this one was bundled, in the folder beside.
 */
export function threadEntry(ownUrl: string): URL {
  return new URL(`../worker/thread${ownUrl.slice(ownUrl.lastIndexOf('.'))}`, ownUrl);
}

/** What snapshots, keys and locks say about this machine and process. */
export function hostFacts(): Host {
  return {
    hostname: hostname(),
    username: username(),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    pid: process.pid,
  };
}

/** What is to be known of another process of this machine: that it is there, and, on Linux, since when. */
export function lookAtProcess(pid: number): ProcessLook {
  // 0 and less are groups of processes, and nobody's id.
  if (!Number.isSafeInteger(pid) || pid <= 0) return { is: 'unknown' };
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return { is: 'gone' };
    if (code !== 'EPERM') return { is: 'unknown' };
  }
  const sinceMs = processSinceMs(pid);
  return { is: 'running', ...(sinceMs === undefined ? {} : { sinceMs }) };
}

/** Every Linux counts in hundredths of a second towards programs. */
function processSinceMs(pid: number): number | undefined {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1) ?? '';
    const startTicks = Number(afterName.split(' ')[19]);
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]);
    const sinceMs = bootSeconds * 1_000 + startTicks * 10;
    return Number.isFinite(sinceMs) ? sinceMs : undefined;
  } catch {
    return undefined;
  }
}

/** A container may run as a number that has no name. */
function username(): string {
  const { USER, USERNAME, USERDOMAIN } = process.env;
  let name = USER ?? USERNAME ?? '';
  try {
    name = userInfo().username;
  } catch {
    // The environment's word has to do.
  }
  return process.platform === 'win32' && USERDOMAIN ? `${USERDOMAIN}\\${name}` : name;
}
