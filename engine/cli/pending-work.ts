/** What commands that make or finish commits share: this machine's memory of runs, and the gate to a repository. */

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { openBare } from '../backend/open-backend.ts';
import { type ProbeResult, probeStore } from '../backend/probe.ts';
import type { StoreLine } from '../backend/store-line.ts';
import { wallMs } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { unseal } from '../format/seal.ts';
import { type GateLook, NetworkGate } from '../job/gate.ts';
import { openRunMemory } from '../job/open-run-memory.ts';
import type { RunMemory } from '../job/run-memory.ts';
import { dataFolder } from '../journal/data-folder.ts';
import type { Repository } from '../repo/repository.ts';
import { namedRepository } from './choose-repository.ts';
import type { Context } from './command.ts';
import { showDuration } from './display.ts';
import { gateReason } from './sentences.ts';

/** Runs the work with the memory of runs; without one where its folder cannot be used, and says so. */
export async function withRunMemory<Result>(
  context: Context,
  work: (memory: RunMemory | undefined) => Promise<Result>,
): Promise<Result> {
  const memory = openMemory(context);
  try {
    return await work(memory);
  } finally {
    await memory?.rest();
    memory?.journal.close();
  }
}

function openMemory({ platform, home, environment, world }: Context): RunMemory | undefined {
  try {
    return openRunMemory(resolve(dataFolder(platform, home || homedir(), environment)), world.clock);
  } catch (error) {
    if (!isFailure(error)) throw error;
    world.log.warn('the journal of this machine cannot be used: a backup that is cut has to begin anew');
    return undefined;
  }
}

export interface GateWishes {
  readonly line: StoreLine;
  /** After so long of waiting, the command ends and the commit stays pending. */
  readonly giveUpMs?: number;
}

/** The gate to an opened repository. Waiting is told to people, and as `gate` to programs. */
export async function gateTo(
  context: Context,
  repository: Repository,
  { line, giveUpMs }: GateWishes,
): Promise<NetworkGate> {
  const { world, output, environment, global } = context;
  const location = await namedRepository(global, environment);
  const needsNetwork = repository.backend.folder === undefined;
  const isOurs = (config: Uint8Array): boolean => unseal(repository.key, config) !== undefined;
  const probe = async (signal: AbortSignal): Promise<ProbeResult> => {
    if (location === undefined) return { outcome: 'ok' };
    const { backend } = openBare(location, { ...world, access: environment });
    return await probeStore(backend, world.clock, isOurs, signal);
  };
  let hasWaited = false;
  const tell = (look: GateLook): void => {
    hasWaited ||= look.verdict.at === 'closed';
    // One that was never shut is no news.
    if (hasWaited) output.sayJson({ message_type: 'gate', ...gateJson(look) });
    if (look.verdict.at === 'closed')
      output.note(`Waiting to finish: ${gateSentence(look, wallMs(world.clock))}`);
  };
  const { clock } = world;
  return new NetworkGate({
    clock,
    needsNetwork,
    probe,
    line,
    tell,
    ...(giveUpMs === undefined ? {} : { giveUpMs }),
  });
}

export function gateJson({ verdict, level, roundTripMs, lossPercent, nextLookMs }: GateLook) {
  return {
    state: verdict.at,
    because: verdict.because,
    network: level,
    ...(roundTripMs === undefined ? {} : { latency_ms: Math.round(roundTripMs) }),
    loss_percent: Math.round(lossPercent),
    ...(nextLookMs === undefined ? {} : { next_look_ms: Math.round(nextLookMs) }),
  };
}

/** "latency 480 ms, 6 % of probes lost, next look in 20 s" */
export function gateSentence(look: GateLook, nowMs: number): string {
  const { verdict, roundTripMs, lossPercent, nextLookMs } = look;
  const parts = [gateReason(verdict.because)];
  if (roundTripMs !== undefined) parts.push(`latency ${Math.round(roundTripMs)} ms`);
  if (lossPercent > 0) parts.push(`${Math.round(lossPercent)} % of requests lost`);
  if (nextLookMs !== undefined && nextLookMs > nowMs)
    parts.push(`next look in ${showDuration(nextLookMs - nowMs)}`);
  return parts.join(', ');
}
