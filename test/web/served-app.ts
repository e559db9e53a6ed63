/** The app served for real, as `slackwater serve` or `npm start` does, with a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { projectFolder } from '../../build/run-tool.ts';

export interface ServedApp {
  readonly url: string;
  /** What was printed so far. */
  printed(): string;
  /** As Ctrl-C would; answers the exit code. */
  stop(): Promise<number | null>;
}

/** `file` is run with Node in the project's folder; it is killed at the end of the test at the latest. */
export async function startServed(
  file: string,
  home: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<ServedApp> {
  const child = spawn(process.execPath, [file, '--no-open'], {
    cwd: projectFolder,
    env: {
      ...withoutDisplay(process.env),
      HOME: home,
      XDG_DATA_HOME: home,
      LOCALAPPDATA: home,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=\w+/.exec(printed)?.[0];
        if (found !== undefined) resolve(found);
      });
    }
    void ended.then(([code]) => reject(new Error(`it ended with ${code}: ${printed}`)));
  });
  return { url, printed: () => printed, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<[number | null]>): Promise<number | null> {
  child.kill('SIGINT');
  return (await ended)[0];
}

function withoutDisplay(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...rest } = environment;
  return { ...rest, ELECTRON_DIST: '', ELECTRON_OVERRIDE_DIST_PATH: '' };
}
