/** The gates that commits of this process go through, by their vaults: Finish now and news of the network reach all of them. */
import type { StoreLine } from '../backend/store-line.ts';
import { limits } from '../base/limits.ts';
import { unseal } from '../format/seal.ts';
import { type GateLook, NetworkGate } from '../job/gate.ts';
import { noTraffic, type TrafficSeen } from '../machine/network-quality.ts';
import type { Access, EngineNews } from '../protocol/engine-calls.ts';
import type { GateView } from '../protocol/gate-view.ts';
import type { Repository } from '../repo/repository.ts';
import type { Networks } from './networks.ts';

export interface GateAsked {
  readonly runId: string;
  readonly access: Access;
  /** What the vault's own traffic teaches. */
  readonly line: StoreLine;
  /** Of the line, that were made before this was asked. */
  readonly seenBefore?: TrafficSeen;
  /** After so long, whoever waits goes away. */
  readonly giveUpMs?: number;
}

export class Gates {
  readonly #networks: Networks;
  readonly #tell: (news: EngineNews) => void;
  /** The longest wait for a good network; it may change at any time. */
  waitMsMax: number = limits.commitWaitMsMax;
  readonly #open = new Map<NetworkGate, string>();

  constructor(networks: Networks, tell: (news: EngineNews) => void) {
    this.#networks = networks;
    this.#tell = tell;
  }

  /** Does the work with a gate of its own. */
  async through<Result>(
    { world, backend, key }: Repository,
    { runId, access, line, seenBefore = noTraffic, giveUpMs }: GateAsked,
    work: (gate: NetworkGate) => Promise<Result>,
  ): Promise<Result> {
    const isOurs = (config: Uint8Array): boolean => unseal(key, config) !== undefined;
    const waitMsMax = (): number => this.waitMsMax;
    const gate = new NetworkGate({
      get waitMsMax() {
        return waitMsMax();
      },
      clock: world.clock,
      needsNetwork: backend.folder === undefined,
      line,
      seenBefore,
      ...(giveUpMs === undefined ? {} : { giveUpMs }),
      tell: (look) => this.#tell({ type: 'gate', runId, gate: gateView(look) }),
      probe: (signal) => this.#networks.probe(access, isOurs, signal),
    });
    this.#open.set(gate, access.location);
    try {
      return await work(gate);
    } finally {
      this.#open.delete(gate);
    }
  }

  /** Whoever waits for this vault need not wait any longer, unless there is no network at all. */
  finishNow(location: string): void {
    for (const [gate, itsLocation] of this.#open) if (itsLocation === location) gate.finishNow();
  }

  moved(): void {
    for (const gate of this.#open.keys()) gate.hear({ type: 'moved' });
  }
}

export function gateView({ verdict, level, roundTripMs, lossPercent, nextLookMs }: GateLook): GateView {
  return {
    at: verdict.at,
    because: verdict.because,
    network: level,
    lossPercent,
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
    ...(nextLookMs === undefined || !Number.isFinite(nextLookMs) ? {} : { nextLookMs }),
  };
}
