/** The two that are compared, each a process of its own as a person runs it, whose words are kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compileEngine } from '../../build/bundles.ts';
import { slackwater } from '../bench/contestants.ts';
import { knownPeers } from '../peers/known-peers.ts';
import { rcloneProgram } from '../support/rclone-world.ts';
import { password } from './place.ts';

const program = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url));
const clock = fileURLToPath(new URL('./sleeping-clock.ts', import.meta.url));

export type ContestantName = 'ours' | 'restic';

export interface Running {
  readonly child: ChildProcess;
  /** Both of its streams, as they came. */
  said(): string;
  readonly ended: Promise<number | null>;
}

/** Ours as npm installs it, compiled: without it the sources are run, which takes longer to begin. */
export function install(folder: string): string {
  if (compileEngine() !== 0) throw new Error('it does not compile');
  const [launcher] = slackwater(folder).command([], '', folder).args;
  return launcher!;
}

/** `args` before the command and its operands are the same for both. What is remembered between runs is in `home`. */
export function start(
  name: ContestantName,
  args: readonly string[],
  repository: string,
  home: string,
  { installed, sleptMinutes }: { readonly installed?: string; readonly sleptMinutes?: number } = {},
): Running {
  const common = {
    PATH: process.env.PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    RCLONE_CONFIG: '/dev/null',
    RESTIC_PROGRESS_FPS: '0.01',
  };
  if (name === 'restic') {
    const env = { ...common, RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: password };
    return running(spawn(resticProgram(), ['-o', `rclone.program=${rcloneProgram()}`, ...args], { env }));
  }
  const env = {
    ...common,
    SLACKWATER_REPOSITORY: repository,
    SLACKWATER_PASSWORD: password,
    SLACKWATER_RCLONE_PROGRAM: rcloneProgram(),
    ...(sleptMinutes === undefined ? {} : { SLEPT_MINUTES: `${sleptMinutes}` }),
  };
  const ours = installed === undefined ? ['--import', clock, program] : [installed];
  return running(spawn(process.execPath, [...ours, ...args], { env }));
}

export function resticProgram(): string {
  const found = knownPeers().restic;
  if (!('path' in found)) throw new Error(`restic is missing: ${found.missing}. \`npm test\` gets it.`);
  return found.path;
}

/** Asks it to end as Ctrl-C does; where it does not in time, ends it. `isOrderly` says which. */
export async function stop({ child, ended }: Running, msMax: number): Promise<boolean> {
  child.kill('SIGINT');
  const isOrderly = await endsWithin(ended, msMax);
  if (!isOrderly) {
    child.kill('SIGKILL');
    await ended;
  }
  return isOrderly;
}

export async function endsWithin(ended: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false);
  const isOver = await Promise.race([ended.then(() => true), late]);
  over.abort();
  return isOver;
}

function running(child: ChildProcess): Running {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  }
  child.stdin?.end();
  const kill = (): boolean => child.kill('SIGKILL');
  process.on('exit', kill);
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      process.off('exit', kill);
      resolve(code);
    });
  });
  return { child, said: () => said, ended };
}
