/** A program behind pipes that a test plays itself: what we write to it arrives, what it says comes to us. */
import { PassThrough } from 'node:stream';
import type { PipedProgram } from '../../engine/backend/child/piped-program.ts';

export interface FakeProgram extends PipedProgram {
  readonly input: PassThrough;
  readonly output: PassThrough;
  /** It ends by itself. */
  end(how: string): void;
  isStopped(): boolean;
}

export function fakeProgram(): FakeProgram {
  let resolve: (how: string) => void = () => undefined;
  const ended = new Promise<string>((done) => {
    resolve = done;
  });
  let stopped = false;
  return {
    input: new PassThrough(),
    output: new PassThrough(),
    pid: undefined,
    ended,
    end: resolve,
    isStopped: () => stopped,
    async stop() {
      stopped = true;
      resolve('it was ended by SIGTERM');
    },
  };
}
