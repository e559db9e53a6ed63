/**
 * A program that we talk to through its pipes (ssh, rclone): started without a shell, in a session of its own so that
 * Ctrl-C at our terminal leaves it to us, and never left behind. It is ended by the pid that we started: by `stop`,
 * and when our process exits; should our process be killed, its stdin ends, and both programs leave then.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { systemCode } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import { findProgram } from '../../system/find-program.ts';
import { boundedLines } from './bounded-lines.ts';
import { atMost } from './give-up.ts';

export interface ProgramStart {
  /** A name to be looked for, or an absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Each line of its stderr, made short and free of control characters. */
  readonly hear: (line: string) => void;
}

export interface PipedProgram {
  readonly input: Writable;
  readonly output: Readable;
  readonly pid: number | undefined;
  /** Says in what way it ended; never rejects. */
  readonly ended: Promise<string>;
  /** Ends its input; if it does not leave then, it is made to. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) signalTo(child, 'SIGKILL');
});

/** Undefined where there is no such program. */
export function startProgram(start: ProgramStart, clock: Clock): PipedProgram | undefined {
  const path = findProgram(start.program, start.environment.PATH ?? '');
  if (path === undefined) return undefined;
  const child = spawn(path, start.args, {
    env: start.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  running.add(child);
  // Writing to a program that has ended is told by its end.
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  boundedLines(child.stderr, start.hear);
  // Whoever forgets to close it may still end; while an answer is awaited, a clock keeps us here.
  child.unref();
  for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as Socket).unref();
  const ended = endOf(child, clock);
  return {
    input: child.stdin,
    output: child.stdout,
    pid: child.pid,
    ended,
    async stop(graceMs) {
      child.stdin.end();
      await atMost(ended, graceMs, clock);
      signalTo(child, 'SIGTERM');
      await atMost(ended, limits.programTermMs, clock);
      signalTo(child, 'SIGKILL');
      await ended;
    },
  };
}

function endOf(child: ChildProcess, clock: Clock): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      running.delete(child);
      resolve(`it could not be started (${systemCode(error) ?? 'unknown error'})`);
    });
    child.once('exit', (code, signal) => {
      running.delete(child);
      const how = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      // What it said last may still be in the pipe; a child of its own may hold that pipe open for ever.
      const heard = new Promise<void>((done) => {
        if (child.stderr?.closed !== false) done();
        else child.stderr.once('close', done);
      });
      void atMost(heard, limits.programLastWordsMs, clock).then(() => resolve(how));
    });
  });
}

/** To it and what it started; to nobody once it has ended, for its pid may then be somebody else's. */
function signalTo(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!running.has(child) || child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It ended just now.
  }
}
