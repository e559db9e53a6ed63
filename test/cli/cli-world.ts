/** Runs command lines in this process: streams that remember, an environment and a home of their own. */
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fromText } from '../../engine/base/byte-string.ts';
import type { Clock } from '../../engine/base/clock.ts';
import type { Surroundings } from '../../engine/cli/command.ts';
import type { ExitCode } from '../../engine/cli/exit-code.ts';
import type { TextStream } from '../../engine/cli/output.ts';
import { runCommandLine, type Started } from '../../engine/cli/run-command-line.ts';
import type { ProcessLook } from '../../engine/repo/repository.ts';
import { realChance, realClock, realCompute, realThreadCount } from '../../engine/worker/real-world.ts';

export class MemoryStream implements TextStream {
  readonly isTTY: boolean;
  readonly columns = 80;
  #chunks: Buffer[] = [];

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(chunk: string | Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk));
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

export interface Ran {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  /** Stdout, every line of it parsed. */
  readonly json: Record<string, unknown>[];
}

export interface RunOptions {
  readonly environment?: Record<string, string>;
  readonly input?: string;
  readonly stderrIsTTY?: boolean;
  readonly clock?: Clock;
  readonly lookAtProcess?: (pid: number) => ProcessLook;
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  readonly onStarted?: (started: Started) => void;
}

/** `home` is a temporary folder; the default vault is in its `data`. */
export function cliWorld(home: string): (args: readonly string[], options?: RunOptions) => Promise<Ran> {
  return async (args, options = {}) => {
    const stdout = new MemoryStream();
    const stderr = new MemoryStream(options.stderrIsTTY);
    const input = new PassThrough();
    input.end(options.input ?? '');
    const surroundings: Surroundings = {
      world: {
        clock: options.clock ?? realClock,
        chance: realChance,
        compute: realCompute(),
        ...(options.lookAtProcess === undefined ? {} : { lookAtProcess: options.lookAtProcess }),
        host: { hostname: 'testhost', username: 'tester', uid: 0, gid: 0, pid: process.pid },
      },
      threadCount: (wished) => realThreadCount({ threadsMax: wished, onBattery: false }),
      environment: { SLACKWATER_DATA_DIR: join(home, 'data'), ...options.environment },
      input,
      platform: process.platform,
      cwd: fromText(options.cwd ?? home),
      home,
      signal: options.signal ?? new AbortController().signal,
      hurry: new AbortController().signal,
    };
    const line = { args, rawArgs: args.map(fromText) };
    const code = await runCommandLine(line, { stdout, stderr }, surroundings, options.onStarted);
    return {
      code,
      stdout: stdout.text,
      stderr: stderr.text,
      get json() {
        return jsonLines(stdout.text);
      },
    };
  };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
