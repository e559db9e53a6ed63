/**
 * Has Node compile, before any test begins, what the threads of the tests load. Node takes the types out of a module with a
 * program in WebAssembly that calls back into JavaScript, and where two threads of a process run one such program at a time,
 * V8 may end the process (`Check failed: jit_page.has_value()`, nodejs/node#64500): a whole run of the tests failed by it. So
 * threads find their modules compiled, and none compiles beside another. (Programs as they are shipped have no types.)
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { skills } from '../engine/worker/skills.ts';

/** Where Node keeps what it has compiled. */
export const compiledFolder = fileURLToPath(new URL('./out/compiled-by-node', import.meta.url));

const threads: readonly (readonly [module: string, skill?: string])[] = [
  ...Object.keys(skills).map((skill) => ['../engine/worker/thread.ts', skill] as const),
  ['../test/compute/pool-thread.ts'],
  ['../test/compute/claim-thread.ts'],
  ['../test/support/look-up-blobs.ts'],
];

/** Called by Vitest. One after the other; what a thread compiled is kept when it ends. */
export async function setup(): Promise<void> {
  for (const [module, workerData] of threads) {
    const env = { NODE_COMPILE_CACHE: compiledFolder };
    const thread = new Worker(new URL(module, import.meta.url), { workerData, env });
    await new Promise<void>((resolve) => {
      // One that is for a test has nothing to do here, and says so or fails: its modules are loaded then.
      const go = (): void => resolve();
      thread.once('message', go).once('error', go).once('exit', go);
    });
    await thread.terminate();
  }
}
