/** The engine as a utility process of Electron's, which is handed in: nothing here needs Electron to be loaded. */
import { fileURLToPath } from 'node:url';
import { type EngineProcess, engineArguments, engineEntry } from './engine-process.ts';

/** What is used of Electron's `UtilityProcess`. */
export interface UtilityChild {
  readonly pid?: number | undefined;
  postMessage(message: unknown): void;
  kill(): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'spawn', listener: () => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
}

/** What is used of Electron's `utilityProcess`. */
export interface UtilityForker {
  fork(
    modulePath: string,
    args: string[],
    options: { readonly serviceName: string; readonly stdio: 'inherit' },
  ): UtilityChild;
}

/** A function that starts engines, one after the other. */
export function utilityEngines(
  forker: UtilityForker,
  cacheFolder?: string,
  entry: URL = engineEntry(import.meta.url),
): () => EngineProcess {
  return () => {
    const options = { serviceName: 'Slackwater engine', stdio: 'inherit' } as const;
    const child = forker.fork(fileURLToPath(entry), engineArguments(cacheFolder), options);
    let pid: number | undefined;
    let isOver = false;
    child.on('spawn', () => {
      pid = child.pid;
    });
    child.on('exit', () => {
      isOver = true;
    });
    return {
      port: {
        post: (message) => {
          if (!isOver) child.postMessage(message);
        },
        onMessage: (listener) => void child.on('message', listener),
        onClose: (listener) => void child.on('exit', () => listener()),
      },
      kill: () => {
        if (!isOver) killNow(child, pid);
      },
      onExit: (listener) => void child.on('exit', listener),
    };
  };
}

/** Electron's own `kill` asks, and one that hangs does not hear it. */
function killNow(child: UtilityChild, pid: number | undefined): void {
  try {
    if (pid === undefined) child.kill();
    else process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
