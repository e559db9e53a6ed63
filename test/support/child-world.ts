/** What a backend with a child needs in a test, and looks at processes from outside. */
import { readdirSync, readFileSync } from 'node:fs';
import type { BackendWorld, StoreAccess } from '../../engine/backend/backend.ts';
import { realChance, realClock } from '../../engine/worker/real-world.ts';

export interface ChildWorld extends BackendWorld {
  /** What was said to the log. */
  readonly told: string[];
}

export function backendWorld(access: StoreAccess = {}): ChildWorld {
  const told: string[] = [];
  const tell = (sentence: string): void => void told.push(sentence);
  return { clock: realClock, chance: realChance, log: { note: tell, warn: tell }, access, told };
}

/** Running processes of that program one of whose arguments is that; zombies are not running. Linux only. */
export function pidsOf(program: string, argument: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const args = readOf(pid, 'cmdline').split('\0');
      return args[0]?.split('/').at(-1) === program && args.includes(argument) && isAlive(pid);
    });
}

export function isAlive(pid: number): boolean {
  const state = readOf(pid, 'stat').replace(/^.*\) /s, '')[0];
  return state !== undefined && state !== 'Z';
}

/** The arguments and the environment of a process, as everybody may see the first. */
export function argumentsOf(pid: number): string {
  return readOf(pid, 'cmdline').replaceAll('\0', ' ');
}

function readOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
