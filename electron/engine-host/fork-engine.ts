/**
 * The engine as a child of Node's: for the web host, and for tests. In a checkout its TypeScript is run as it is, in a
 * package what is compiled of it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type EngineProcess, engineArguments, engineEntry } from './engine-process.ts';

export interface ForkedEngine extends EngineProcess {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
}

/** A function that starts engines, one after the other. */
export function forkEngines(
  cacheFolder?: string,
  entry: URL = engineEntry(import.meta.url),
): () => ForkedEngine {
  return () => {
    const child = fork(fileURLToPath(entry), engineArguments(cacheFolder), {
      execPath: process.execPath,
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const { pid } = child;
    const engine = { ...engineOf(child), pid };
    return engine;
  };
}

function engineOf(child: ChildProcess): EngineProcess {
  const over = new Promise<number | null>((resolve) => {
    // What it said last is still in the channel when it exits.
    child.once('exit', (code) => {
      if (child.connected) child.once('disconnect', () => resolve(code));
      else resolve(code);
    });
    child.on('error', () => {
      if (child.pid === undefined) resolve(null);
    });
  });
  return {
    port: {
      post: (message) => {
        // What cannot be sent is answered by the end of the process.
        if (child.connected) child.send(message as object, () => undefined);
      },
      onMessage: (listener) => void child.on('message', listener),
      onClose: (listener) => void over.then(listener),
    },
    kill: () => void child.kill('SIGKILL'),
    onExit: (listener) => void over.then(listener),
  };
}
