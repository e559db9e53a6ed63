/**
 * A file that is there while one process works on a folder. It only saves work: what is done under it must stay
 * right when two processes do it at once, because a file left by a dead process is taken over.
 */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 300;

/** Waits for the file's holder to end, or for `waitMsMax`. Returns what removes the file. */
export async function holdFile(path: string, waitMsMax = 10 * 60_000): Promise<() => void> {
  const draft = `${path}-${process.pid}`;
  writeFileSync(draft, `${process.pid}\n`);
  try {
    for (let waitedMs = 0; !tryLink(draft, path); waitedMs += pollMs) {
      // A process id may by now belong to another program: nobody waits for ever.
      if (isAlive(holderOf(path)) && waitedMs < waitMsMax) await sleep(pollMs);
      else rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(path, { force: true });
}

/** A link appears with its content or not at all. */
function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
