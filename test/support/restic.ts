/** Runs the real restic on a local repository: its own cache folder, the password by environment, always to its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownPeers } from '../peers/known-peers.ts';
import { pathOrThrow } from './peers.ts';

export interface ResticOptions {
  readonly repo: string;
  readonly password: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  /** After this it is killed, and the promise is rejected. */
  readonly timeoutMs?: number;
}

export interface ResticEnded {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Stdout as it was. */
  readonly bytes: Buffer;
  /** Stdout as one JSON value. */
  json<T>(): T;
  /** Stdout as JSON lines. */
  jsonLines<T>(): T[];
}

export async function runRestic(args: readonly string[], options: ResticOptions): Promise<ResticEnded> {
  const program = pathOrThrow('restic', knownPeers().restic, { CI: 'wanted' });
  const cache = mkdtempSync(join(tmpdir(), 'slackwater-restic-cache-'));
  const child = spawn(program ?? 'restic', args, {
    cwd: options.cwd,
    env: {
      ...withoutRestic(process.env),
      RESTIC_REPOSITORY: options.repo,
      RESTIC_PASSWORD: options.password,
      RESTIC_CACHE_DIR: cache,
      RESTIC_PROGRESS_FPS: '0.01',
      ...options.env,
    },
    timeout: options.timeoutMs ?? 300_000,
    killSignal: 'SIGKILL',
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.on('exit', kill);
  try {
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
    // It may end before it has read all.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (signal === 'SIGKILL') throw new Error(`restic ${args.join(' ')} did not end in time`);
    return ended(code, Buffer.concat(out), Buffer.concat(errors).toString());
  } finally {
    process.off('exit', kill);
    rmSync(cache, { recursive: true, force: true });
  }
}

function ended(code: number | null, bytes: Buffer, stderr: string): ResticEnded {
  const stdout = bytes.toString();
  return {
    code,
    stdout,
    stderr,
    bytes,
    json: <T>() => JSON.parse(stdout) as T,
    jsonLines: <T>() =>
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T),
  };
}

/** The shell that runs the tests may belong to a restic user. */
function withoutRestic(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('RESTIC_')));
}
