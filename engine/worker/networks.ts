/**
 * How good the network to each vault's own host is: learned from probes and from ordinary traffic, and told to the app
 * sample by sample. It decides nothing: each gate judges for itself.
 */

import { openBare } from '../backend/open-backend.ts';
import { looksSealed, type ProbeResult, probeStore } from '../backend/probe.ts';
import type { StoreLine } from '../backend/store-line.ts';
import { wallMs } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { goodputOf } from '../machine/goodput.ts';
import {
  lossPercentOf,
  type NetworkEvent,
  type NetworkQuality,
  noTraffic,
  samplesOf,
  seenOf,
  startNetworkQuality,
  stepNetworkQuality,
  type TrafficSeen,
} from '../machine/network-quality.ts';
import { retransmitMs } from '../machine/round-trip.ts';
import type { Access } from '../protocol/engine-calls.ts';
import type { NetworkNews, NetworkView } from '../protocol/network-view.ts';
import type { World } from '../repo/repository.ts';

type Sample = Omit<Extract<NetworkEvent, { type: 'sample' }>, 'type'>;

interface Known {
  quality: NetworkQuality;
  seen: TrafficSeen;
  toldMs: number;
}

export class Networks {
  readonly #world: World;
  readonly #tell: (news: NetworkNews) => void;
  readonly #open: typeof openBare;
  readonly #known = new Map<string, Known>();

  constructor(world: World, tell: (news: NetworkNews) => void, open = openBare) {
    this.#world = world;
    this.#tell = tell;
    this.#open = open;
  }

  /** From now on, whatever is done through the line is learned from. */
  listen(location: string, line: StoreLine): void {
    const { onChange } = line;
    line.onChange = () => {
      onChange();
      this.#hear(location, line);
    };
  }

  /** One probe, which `isOurs` judges, told as a sample. */
  async probe(
    { location, store = {} }: Access,
    isOurs: (config: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const { backend } = this.#open(location, { ...this.#world, access: store });
    const result = await probeStore(backend, this.#world.clock, isOurs, signal);
    if (!signal.aborted) this.#probed(location, result);
    return result;
  }

  /** A few probes, one after the other, and what they add up to. Fails with `cancelled`. */
  async look(access: Access, signal: AbortSignal): Promise<NetworkView> {
    const { clock } = this.#world;
    const endMs = clock.elapsedMs() + limits.vaultProbesMsMax;
    for (let probes = 0; probes < limits.vaultProbes && clock.elapsedMs() < endMs; probes++) {
      if (probes > 0) await clock.sleep(limits.vaultProbeGapMs, signal);
      if (signal.aborted) break;
      await this.probe(access, looksSealed, signal);
    }
    if (signal.aborted) throw new Failure('cancelled');
    return networkView(this.#step(access.location, { type: 'tick' }), clock.elapsedMs());
  }

  /** Twice a minute at most: traffic has many samples. */
  #hear(location: string, { facts }: StoreLine): void {
    const known = this.#of(location);
    if (this.#world.clock.elapsedMs() - known.toldMs < limits.networkTellMs) return;
    const samples = samplesOf(facts, known.seen);
    if (samples.length === 0) return;
    known.seen = seenOf(facts);
    for (const sample of samples) this.#step(location, sample);
    const roundTripMs = facts.roundTrip?.smoothMs;
    const isWell = facts.lastOutcomes.at(-1) === true;
    // Where all were large, nothing is known of the round trip.
    if (isWell && roundTripMs === undefined) return;
    this.#told(location, isWell ? roundTripMs : undefined);
  }

  #probed(location: string, { outcome, tookMs }: ProbeResult): void {
    const sample: Sample = { outcome, ...(tookMs === undefined ? {} : { roundTripMs: tookMs }) };
    this.#step(location, { type: 'sample', ...sample });
    this.#told(location, outcome === 'ok' ? tookMs : undefined);
  }

  #told(location: string, roundTripMs: number | undefined): void {
    const { clock } = this.#world;
    const known = this.#of(location);
    known.toldMs = clock.elapsedMs();
    const atMs = wallMs(clock);
    const sample = { atMs, ...(roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs) }) };
    this.#tell({ type: 'network', location, network: networkView(known.quality, known.toldMs), sample });
  }

  #step(location: string, event: NetworkEvent): NetworkQuality {
    const known = this.#of(location);
    known.quality = stepNetworkQuality(known.quality, event, this.#world.clock.elapsedMs());
    return known.quality;
  }

  #of(location: string): Known {
    const known = this.#known.get(location) ?? {
      quality: startNetworkQuality(this.#world.clock.elapsedMs()),
      seen: noTraffic,
      toldMs: Number.NEGATIVE_INFINITY,
    };
    this.#known.set(location, known);
    return known;
  }
}

export function networkView(quality: NetworkQuality, elapsedMs: number): NetworkView {
  const { level, why, roundTrip } = quality;
  const goodput = goodputOf(quality.speeds, elapsedMs)?.middle;
  return {
    level,
    why,
    ...(roundTrip === undefined
      ? {}
      : {
          roundTripMs: Math.round(roundTrip.smoothedMs),
          jitterMs: Math.round(roundTrip.jitterMs),
          answerMs: Math.round(retransmitMs(roundTrip)),
        }),
    answerMsMax: limits.networkAnswerMsMax,
    lossPercent: lossPercentOf(quality),
    lossPercentMax: limits.networkLossMax * 100,
    ...(goodput === undefined ? {} : { goodput: Math.round(goodput) }),
  };
}
