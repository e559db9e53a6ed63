/**
 * Measures how far a provider's region is from here: connect, TLS and the first byte of an answer to a request that needs
 * no account. What it answers is of no interest.
 */
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';

/** Milliseconds; undefined where nothing came. */
export async function probeHost(
  host: string,
  clock: Pick<Clock, 'elapsedMs'>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const startMs = clock.elapsedMs();
  return await new Promise((resolve) => {
    // Imported, it would load TLS with every start.
    const { request } = process.getBuiltinModule('node:https');
    const asked = request(
      { host, method: 'HEAD', path: '/', agent: false, timeout: limits.probeMsMax, signal },
      (answer) => {
        resolve(clock.elapsedMs() - startMs);
        answer.destroy();
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('too slow')));
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
