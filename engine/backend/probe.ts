/**
 * One look at a store, which is opened for it, since whether a connection can be made is a part of the answer: it reads
 * the repository's config, and closes. It never waits long and is never made again by itself; what comes back is a
 * sample for `machine/network-quality.ts`.
 */
import type { Clock } from '../base/clock.ts';
import { type FailureCode, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { SampleOutcome } from '../machine/network-quality.ts';
import { type Backend, configFile } from './backend.ts';
import { LinkedSignal } from './call-signal.ts';

export interface ProbeResult {
  readonly outcome: SampleOutcome;
  /** Until the answer was there; undefined where none came. */
  readonly tookMs?: number;
  /** What it failed with. */
  readonly code?: FailureCode;
}

/** `isOurs`: whether these are the bytes of the config that is meant. */
export async function probeStore(
  backend: Pick<Backend, 'load' | 'close'>,
  clock: Clock,
  isOurs: (config: Uint8Array) => boolean,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const startMs = clock.elapsedMs();
  const ended = new LinkedSignal(signal);
  const over = new AbortController();
  void clock.sleep(limits.probeMsMax, over.signal).then(() => ended.abort());
  try {
    const config = await backend.load(configFile, undefined, ended);
    const tookMs = clock.elapsedMs() - startMs;
    return isOurs(config) ? { outcome: 'ok', tookMs } : { outcome: 'foreign', code: 'not-the-store' };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return outcomeOf(error.code, clock.elapsedMs() - startMs);
  } finally {
    over.abort();
    ended.release();
    await backend.close();
  }
}

/** Whoever refuses has answered: the way to the store is good, whatever it thinks of us. */
function outcomeOf(code: FailureCode, tookMs: number): ProbeResult {
  if (code === 'not-the-store') return { outcome: 'foreign', code };
  const isAnswer = code === 'login-refused' || code === 'not-found' || code === 'permission-denied';
  return isAnswer ? { outcome: 'ok', tookMs, code } : { outcome: 'failed', code };
}

/** Without a key: a sealed config is short and is no page of a portal. */
export function looksSealed(config: Uint8Array): boolean {
  return config.length >= 64 && config.length <= limits.smallFileBytesMax && config[0] !== 0x3c;
}
