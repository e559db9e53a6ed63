/** Runs a program to its end and returns what it said; it never throws. Used to set the tests up. */
import { execFile } from 'node:child_process';

export interface Ended {
  /** 127 where there is no such program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Run = (
  program: string,
  args: readonly string[],
  options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number },
) => Promise<Ended>;

export const runProgram: Run = (program, args, options = {}) =>
  new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        cwd: options.cwd,
        // Sentences that we look into must be English ones.
        env: { ...process.env, LC_ALL: 'C', ...options.env },
        maxBuffer: 64 * 1024 * 1024,
        timeout: options.timeoutMs ?? 0,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
        resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr });
      },
    );
    child.stdin?.end();
  });
