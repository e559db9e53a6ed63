/** The real clock, the real randomness and who we are: the only place in the engine that asks the system for them. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Chance } from '../base/chance.ts';
import type { CancelSignal, Clock } from '../base/clock.ts';
import type { Host, ProcessLook } from '../repo/repository.ts';

export const realClock: Clock = {
  wallNs: () => BigInt(Date.now()) * 1_000_000n,
  elapsedMs: () => performance.now(),
  sleep,
};

function sleep(ms: number, signal?: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}

export const realChance: Chance = { bytes: (count) => randomBytes(count) };

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
