/** The program as a process: its streams, its signals, its end. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { realClock } from '../../engine/worker/real-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const main = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

let home = '';
beforeAll(() => {
  home = temporaryFolder('process');
});

function start(args: readonly string[], stdio: 'pipe' | 'ignore' = 'ignore'): Running {
  const { PATH } = process.env;
  const env = { PATH, SLACKWATER_DATA_DIR: join(home, 'data') };
  const child = spawn(process.execPath, [main, ...args], { env, cwd: home, stdio: [stdio, 'pipe', 'pipe'] });
  return watch(child);
}

function watch(child: ChildProcess): Running {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  return { child, ended };
}

async function untilSaid(child: ChildProcess, stream: 'stdout' | 'stderr', word: RegExp): Promise<void> {
  let said = '';
  for await (const [chunk] of on(child[stream]!, 'data', { close: ['end'] })) {
    said += String(chunk);
    if (word.test(said)) return;
  }
}

/** A backup that goes on until it is told to stop: its source never ends. */
function startEndless(): Running {
  const script = 'while :; do echo data; sleep 0.05; done';
  return start(['backup', '--json', '--stdin-from-command', '--', 'sh', '-c', script]);
}

describe('told to stop', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s, it ends in order: 130, no lock, no snapshot',
    async (signal) => {
      const { child, ended } = startEndless();
      await untilSaid(child, 'stdout', /"phase":"uploading"/);
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect(code).toBe(130);
      expect(stderr).toContain('Stopping: finishing what is under way');
      expect(stderr).toContain('"message_type":"exit_error","code":130');
      expect(stdout).not.toContain('summary');
      expect(readdirSync(join(home, 'data/vault/locks'))).toEqual([]);
      expect(readdirSync(join(home, 'data/vault/snapshots'))).toEqual([]);
    },
  );

  test('by SIGHUP, which restic’s unlock sends to see who lives, it goes on', async () => {
    const { child, ended } = startEndless();
    await untilSaid(child, 'stdout', /"phase":"uploading"/);
    child.kill('SIGHUP');
    await untilSaid(child, 'stdout', /"seconds_elapsed":[1-9]/);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
});

describe('nobody reads stdout any more', () => {
  beforeAll(async () => {
    mkdirSync(join(home, 'many'));
    for (let i = 0; i < 3_000; i++)
      writeFileSync(join(home, 'many', `file-with-a-long-name-${'x'.repeat(150)}-${i}`), '');
    expect((await start(['backup', '-q', 'many']).ended).code).toBe(0);
  });

  test('a command that only answers ends quietly, and leaves no lock', async () => {
    const { child, ended } = start(['ls', 'latest']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, signal, stderr } = await ended;
    expect([code, signal]).toEqual([0, null]);
    expect(stderr).toMatch(/^Snapshot [0-9a-f]{8} of .*:\n$/);
    expect(readdirSync(join(home, 'data/vault/locks'))).toEqual([]);
  });

  test('a backup goes on, and is made', async () => {
    const before = readdirSync(join(home, 'data/vault/snapshots')).length;
    const { child, ended } = start(['backup', '-vv', 'many']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(join(home, 'data/vault/snapshots'))).toHaveLength(before + 1);
  });
});

test.skipIf(process.platform !== 'linux')(
  'a name that is no UTF-8 is taken as the bytes that it is',
  async () => {
    const script = `mkdir "$(printf 'odd-\\377')" && echo x > "$(printf 'odd-\\377')/in" && exec "$@" "$(printf 'odd-\\377')"`;
    const { PATH } = process.env;
    const env = { PATH, SLACKWATER_DATA_DIR: join(home, 'data') };
    const args = ['-c', script, 'sh', process.execPath, main, 'backup', '--json'];
    const { ended } = watch(spawn('sh', args, { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] }));
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ total_files_processed: 1 });
    expect((await start(['cat', 'tree', 'latest']).ended).stdout).toContain('"odd-\\\\xff"');
  },
);

test('an answer that is larger than a pipe arrives whole', async () => {
  const { code, stdout } = await start(['find', 'file-*', '--json']).ended;
  expect(code).toBe(0);
  const [found] = JSON.parse(stdout) as { hits: number; matches: unknown[] }[];
  expect(found).toMatchObject({ hits: 3_000 });
  expect(existsSync(join(home, 'many'))).toBe(true);
});

test.skipIf(process.platform === 'win32')(
  'told twice, it waits no longer for a disk that does not answer',
  async () => {
    const pipe = join(home, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const script = '"$@"; echo "code $?"';
    const { PATH } = process.env;
    const args = ['-c', script, 'sh', process.execPath, main, 'snapshots', '-r', 'x', '-p', pipe];
    const shell = spawn('sh', args, {
      env: { PATH },
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { ended } = watch(shell);
    const started = execFileSync('sh', ['-c', `until pgrep -P ${shell.pid}; do sleep 0.1; done`]).toString();
    onTestFinished(() => {
      spawn('kill', ['-9', started.trim()], { stdio: 'ignore' });
    });
    await realClock.sleep(1_500);
    process.kill(Number(started), 'SIGINT');
    await untilSaid(shell, 'stderr', /Stopping: finishing/);
    await realClock.sleep(600);
    process.kill(Number(started), 'SIGINT');
    const { stdout, stderr } = await ended;
    expect(stdout).toBe('code 130\n');
    expect(stderr).toContain('Stopping now.');
  },
);
