/** Runs our own command line as a process of its own, as a person's shell would. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url));
const reporter = fileURLToPath(new URL('./report-leaving.ts', import.meta.url));

export interface Ran {
  /**
   * A signal may meet a program that is leaving, and listens to none any more: this is the code with which it left.
   * Null where a signal ended its work.
   */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that the process ever had, bytes. */
  readonly memoryBytesMax: number;
}

export interface RunOptions {
  readonly repository?: string;
  readonly password?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Send this signal so many milliseconds after the program began to listen to signals, and again so often. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly afterMs: number; readonly times?: number };
}

let runs = 0;
/** Of this process; removed with it. */
const cacheFolder = join(tmpdir(), `slackwater-test-cache-${process.pid}`);
process.on('exit', () => rmSync(cacheFolder, { recursive: true, force: true }));

/** Ends whatever becomes of the program. Throws where it died of what nobody sent. */
export async function slackwater(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { repository, password = 'correct horse', env, cwd, input, signal } = options;
  const reportFile = join(tmpdir(), `slackwater-report-of-${process.pid}-${runs++}`);
  const child = spawn(process.execPath, ['--import', reporter, program, ...args], {
    cwd,
    env: {
      ...cleanEnvironment(),
      SLACKWATER_TEST_REPORT_FILE: reportFile,
      ...(repository === undefined
        ? {}
        : { SLACKWATER_REPOSITORY: repository, SLACKWATER_PASSWORD: password }),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<{ code: number | null; killedBy: NodeJS.Signals | null }>((resolve) =>
    child.on('close', (code, killedBy) => resolve({ code, killedBy })),
  );
  if (signal !== undefined) {
    await Promise.race([appears(`${reportFile}-listening`), ended]);
    for (let time = 0; time < (signal.times ?? 1); time++) {
      await Promise.race([sleep(signal.afterMs), ended]);
      child.kill(signal.name);
    }
  }
  const { code, killedBy } = await ended;
  const report = takeReport(reportFile);
  rmSync(`${reportFile}-listening`, { force: true });
  const told = Buffer.concat(stderr).toString();
  if (killedBy !== null && killedBy !== signal?.name) throw new Error(`it died of ${killedBy}: ${told}`);
  return {
    code: killedBy === null ? code : report.code,
    stdout: Buffer.concat(stdout).toString(),
    stderr: told,
    memoryBytesMax: report.memoryBytesMax,
  };
}

async function appears(file: string): Promise<void> {
  for (let tries = 0; tries < 3_000 && !existsSync(file); tries++) await sleep(10);
}

/** Nothing of the shell that runs the tests may decide what the program does, and nothing is left in its cache. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SLACKWATER|RESTIC)_/.test(name));
  return { ...Object.fromEntries(kept), SLACKWATER_CACHE_DIR: cacheFolder };
}

/** What `report-leaving.ts` wrote; a program that was ended before it left wrote nothing. */
function takeReport(file: string): { code: number | null; memoryBytesMax: number } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { code: number; memoryBytesMax: number };
  } catch {
    return { code: null, memoryBytesMax: 0 };
  } finally {
    rmSync(file, { force: true });
  }
}

/** The JSON lines on stdout. Throws where anything else stands there. */
export function jsonLines(ran: Ran): Record<string, unknown>[] {
  return ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
