/**
 * The engine as a process: answers whoever started it, over Electron's parent port or Node's channel to a parent. It
 * ends when that closes, and always in order: runs are cancelled and their locks given back.
 */
import type { Port } from '../protocol/link.ts';
import { toPlainFailure } from './plain-failure.ts';
import { keepLean } from './real-world.ts';
import { startEngine } from './start.ts';

/** How long an end in order may take. */
const endMsMax = 10_000;
/** The same after a fault, when less can be relied on. */
const faultEndMsMax = 3_000;

/** What is used of Electron's `process.parentPort`. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

function electronPort(parent: ParentPort): Port {
  return {
    post: (message) => parent.postMessage(message),
    onMessage: (listener) => void parent.on('message', ({ data }) => listener(data)),
    onClose: (listener) => void parent.on('close', listener),
  };
}

function channelPort(): Port {
  return {
    post: (message) => {
      // Nobody is there to be told of an error.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', listener),
  };
}

function findPort(): Port {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort !== undefined) return electronPort(parentPort);
  if (process.send !== undefined) return channelPort();
  process.stderr.write('This is a part of Slackwater and is not started by itself.\n');
  process.exit(2);
}

/** Of an argument that begins so. */
function argumentOf(name: string, args: readonly string[]): string | undefined {
  return args.find((arg) => arg.startsWith(name))?.slice(name.length);
}

keepLean();
const port = findPort();
const engine = startEngine(port, argumentOf('--cache=', process.argv));
let isEnding = false;

async function end(code: number, msMax: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await engine.drain(msMax);
  process.exit(code);
}

port.onClose(() => void end(0, endMsMax));
process.on('SIGTERM', () => void end(0, endMsMax));
// restic's `unlock` sends the one to see whether we live; the other is for whoever started us, who then ends us.
for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined);
process.on('uncaughtException', (error) => {
  engine.tell({ type: 'fault', failure: toPlainFailure(error) });
  void end(1, faultEndMsMax);
});
