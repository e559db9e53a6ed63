/**
 * Drives `machine/commit-gate.ts`: learns from the store's own traffic and from probes how good the network is, looks
 * again when that is due, and tells what it sees. Somebody who is waited for may open it once.
 */
import type { ProbeResult } from '../backend/probe.ts';
import type { StoreLine } from '../backend/store-line.ts';
import { type Clock, wallMs } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { type GateVerdict, gateVerdict } from '../machine/commit-gate.ts';
import {
  lossPercentOf,
  type NetworkEvent,
  type NetworkLevel,
  type NetworkQuality,
  nextProbeMs,
  noTraffic,
  samplesOf,
  seenOf,
  startNetworkQuality,
  stepNetworkQuality,
  type TrafficSeen,
} from '../machine/network-quality.ts';
import type { CommitGate, GatedRun } from './finish-commit.ts';

/** What the gate looks like now. */
export interface GateLook {
  readonly verdict: GateVerdict;
  readonly level: NetworkLevel;
  readonly roundTripMs?: number;
  readonly lossPercent: number;
  /** Wall time of the next look; undefined where it is open. */
  readonly nextLookMs?: number;
}

export interface GateParts {
  readonly clock: Clock;
  /** A folder of this machine needs none. */
  readonly needsNetwork: boolean;
  probe(signal: AbortSignal): Promise<ProbeResult>;
  /** What the work of this process has met. */
  readonly line?: StoreLine;
  /** What the line had taught before: it is too old to count. */
  readonly seenBefore?: TrafficSeen;
  /** The longest wait for a good network; then a weak one has to do. */
  readonly waitMsMax?: number;
  /** After so long, whoever asks goes away with `commit-waiting`; never, where it is left out. */
  readonly giveUpMs?: number;
  tell?(look: GateLook): void;
}

export class NetworkGate implements CommitGate {
  readonly #parts: GateParts;
  #quality: NetworkQuality;
  #seen: TrafficSeen;
  #isAsked = false;
  #wake = new AbortController();

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#seen = parts.seenBefore ?? noTraffic;
    this.#quality = startNetworkQuality(parts.clock.elapsedMs());
  }

  get quality(): NetworkQuality {
    return this.#quality;
  }

  /** Opens once for whoever waits, or comes next, unless there is no network at all. */
  finishNow(): void {
    this.#isAsked = true;
    this.lookNow();
  }

  /** The system says something about the network, or there is reason to believe that it changed. */
  hear(event: NetworkEvent): void {
    this.#step(event);
    this.lookNow();
  }

  lookNow(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  async open(run: GatedRun, signal: AbortSignal, msMax = Number.POSITIVE_INFINITY): Promise<boolean> {
    const { clock, needsNetwork, giveUpMs = Number.POSITIVE_INFINITY } = this.#parts;
    const startMs = clock.elapsedMs();
    for (;;) {
      signal.throwIfAborted();
      this.#learnFromTraffic();
      const verdict = this.#verdict(run);
      if (verdict.at === 'open') {
        this.#isAsked = false;
        this.#tell(verdict);
        return true;
      }
      const waitedMs = clock.elapsedMs() - startMs;
      const isKnown = !needsNetwork || this.#quality.level !== 'unknown' || this.#quality.failedInRow > 0;
      if (waitedMs >= giveUpMs && isKnown)
        throw new Failure('commit-waiting', { runId: run.runId, why: verdict.because }, { next: 'later' });
      if (waitedMs >= msMax) return false;
      await this.#waitAndLook(verdict, Math.min(msMax, giveUpMs) - waitedMs, signal);
    }
  }

  async #waitAndLook(
    verdict: Extract<GateVerdict, { at: 'closed' }>,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, needsNetwork, probe } = this.#parts;
    const probeMs = needsNetwork ? nextProbeMs(this.#quality) : Number.POSITIVE_INFINITY;
    const opensInMs = (verdict.opensMs ?? Number.POSITIVE_INFINITY) - wallMs(clock);
    // The first look is at once.
    const isFirst = needsNetwork && this.#quality.outcomes.length === 0;
    const untilMs = Math.min(probeMs, Math.max(0, opensInMs), leftMs > 0 ? leftMs : probeMs);
    this.#tell(verdict, wallMs(clock) + (isFirst ? 0 : untilMs));
    if (!isFirst) await clock.sleep(untilMs, AbortSignal.any([signal, this.#wake.signal]));
    if (!needsNetwork || signal.aborted) return;
    const { outcome, tookMs } = await probe(signal);
    if (signal.aborted) return;
    this.#step({ type: 'sample', outcome, ...(tookMs === undefined ? {} : { roundTripMs: tookMs }) });
  }

  #verdict({ sealedMs, attempts, lastAttemptMs }: GatedRun): GateVerdict {
    const { clock, needsNetwork, waitMsMax = limits.commitWaitMsMax } = this.#parts;
    this.#step({ type: 'tick' });
    const { level, why } = this.#quality;
    const attempt = { failures: attempts, lastFailedMs: lastAttemptMs };
    const facts = { needsNetwork, level, why, sealedMs, isAsked: this.#isAsked, waitMsMax, ...attempt };
    return gateVerdict(facts, wallMs(clock));
  }

  /** Requests that have ended since the last look: who has just uploaded for an hour knows the network. */
  #learnFromTraffic(): void {
    const facts = this.#parts.line?.facts;
    if (facts === undefined) return;
    const samples = samplesOf(facts, this.#seen);
    this.#seen = seenOf(facts);
    for (const sample of samples) this.#step(sample);
  }

  #step(event: NetworkEvent): void {
    this.#quality = stepNetworkQuality(this.#quality, event, this.#parts.clock.elapsedMs());
  }

  #tell(verdict: GateVerdict, nextLookMs?: number): void {
    const { level, roundTrip } = this.#quality;
    this.#parts.tell?.({
      verdict,
      level,
      ...(roundTrip === undefined ? {} : { roundTripMs: roundTrip.smoothedMs }),
      lossPercent: lossPercentOf(this.#quality),
      ...(nextLookMs === undefined ? {} : { nextLookMs }),
    });
  }
}
