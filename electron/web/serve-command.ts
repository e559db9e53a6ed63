/**
 * `slackwater serve`: the app for a browser of this machine, until it is told to stop. Also what `npm start` falls back
 * to. Everything it prints is on stdout but complaints.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { serveApp } from './serve.ts';

const usage = `Usage: slackwater serve [--port NUMBER] [--no-open]

Serves Slackwater's window to a browser of this machine: plans, backups, restores, vaults. The address that is printed
works once, for one browser; from then on a cookie opens it. Nothing listens to other machines. Plans run as long as
this does; Ctrl-C ends it, and every run in order.

  --port NUMBER   listen there instead of at a free port
  --no-open       do not open a browser
  --help          print this
`;

interface Options {
  readonly port: number;
  readonly opens: boolean;
}

/** The exit code, once it has ended. */
export async function serveCommand(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    const isHelp = options === usage;
    (isHelp ? process.stdout : process.stderr).write(options);
    return isHelp ? 0 : 1;
  }
  const stopped = stopSignal();
  try {
    const served = await serveApp({
      port: options.port,
      environment: process.env,
      warn: (sentence) => void process.stderr.write(`${sentence}\n`),
      showFile: async (path) => {
        if (hasDisplay()) openFile(path);
      },
    });
    process.stdout.write(`Slackwater is at ${served.url} (once; Ctrl-C ends it).\n`);
    if (options.opens && hasDisplay()) openFile(served.openingFile);
    await stopped;
    process.stdout.write('Ending what runs ...\n');
    await served.stop();
    return 0;
  } catch (error) {
    process.stderr.write(`Slackwater cannot be served: ${(error as Error).message}\n`);
    return 1;
  }
}

/** Or what is to be printed instead. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '0' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return usage;
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(port <= 65_535)) return 'The port is a number from 0 (any that is free) to 65535.\n';
    return { port, opens: !values['no-open'] };
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`;
  }
}

/** The first one is waited for, the second one ends the process at once. */
function stopSignal(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
}

function hasDisplay(): boolean {
  const { platform, env } = process;
  return platform === 'win32' || platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** With what the system opens it with. Never an address with a token: others see the arguments of a process. */
function openFile(file: string): void {
  const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
    darwin: ['open', file],
    win32: ['explorer.exe', file],
  };
  const [program, ...args] = openers[process.platform] ?? ['xdg-open', file];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  // The address was printed: there is nothing more to say.
  child.on('error', () => undefined);
  child.unref();
}
