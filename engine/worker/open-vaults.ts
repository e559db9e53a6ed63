/**
 * The repositories that are open in this process, and the lines to their stores. Opening one costs a key derivation, so
 * one that is open is used again, after a look whether the key that opened it is still there. Runs wait for a store that
 * is away until they are cancelled; whoever asks something waits a while, then gets what this machine keeps of it.
 */
import { type Backend, configFile } from '../backend/backend.ts';
import { forAsking, openBackend } from '../backend/open-backend.ts';
import { StoreLine } from '../backend/store-line.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import type { Patience } from '../machine/retry.ts';
import type { Access } from '../protocol/engine-calls.ts';
import type { LineNews } from '../protocol/line-view.ts';
import type { Bandwidth } from '../protocol/settings.ts';
import { isAway, openCached, openCopy } from '../repo/cached-repository.ts';
import type { Repository, World } from '../repo/repository.ts';
import { tellLine } from './line-news.ts';
import type { Networks } from './networks.ts';

interface OpenVault {
  /** Patient without end. */
  readonly repository: Repository;
  /** The same for those who ask. */
  readonly asked: Repository;
  readonly access: Secret<string>;
}

interface OpenCopy {
  readonly repository: Repository;
  /** Of the store, as backends tell it. */
  readonly location: string;
}

interface KnownCopy {
  readonly repository: Repository;
  readonly access: Secret<string>;
  /** Until then the store is not asked before it. */
  readonly untilMs: number;
}

export interface VaultsParts {
  readonly world: World;
  /** Where copies of what stores have are kept; none without it. */
  readonly cacheFolder?: string | undefined;
  /** Learns from what is done through the lines. */
  readonly networks?: Pick<Networks, 'listen'>;
  tell(news: LineNews): void;
}

export class OpenVaults {
  readonly #parts: VaultsParts;
  readonly #open = new Map<string, OpenVault>();
  readonly #copies = new Map<string, KnownCopy>();
  readonly #lines = new Map<string, StoreLine>();
  #bandwidth: Bandwidth = {};

  constructor(parts: VaultsParts) {
    this.#parts = parts;
  }

  /**
   * Does a run's work: until the signal, its store is waited for. Where there is work that `whileAway` can do with what
   * this machine has of the store, it is waited for some time only. Fails with `cancelled` where the signal ended it.
   */
  async forRun<Result>(
    access: Access,
    signal: AbortSignal,
    work: (repository: Repository) => Promise<Result>,
    whileAway?: (copy: Repository, location: string) => Promise<Result>,
  ): Promise<Result> {
    const line = this.line(access.location);
    // What ends in order still gives back its lock, if the store is there.
    const patience = (): Patience =>
      signal.aborted ? { kind: 'ask', elapsedMsMax: limits.endingMsMax } : { kind: 'run', isKnown: true };
    const wake = (): void => line.tryNow();
    signal.addEventListener('abort', wake, { once: true });
    try {
      const soon = whileAway && (await this.#openSoonOrCopy(access));
      if (soon !== undefined && 'location' in soon) return await whileAway!(soon.repository, soon.location);
      const { repository } =
        soon ?? (await this.#openOrUseAgain(access, (backend) => withPatience(backend, patience)));
      signal.throwIfAborted();
      return await work({ ...repository, backend: withPatience(repository.backend, patience) });
    } catch (error) {
      if (signal.aborted && isAway(error)) throw new Failure('cancelled', {}, { cause: error });
      throw error;
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** The store, where it answers within some time; else the copy of it, or undefined where there is none. */
  async #openSoonOrCopy(access: Access): Promise<OpenVault | OpenCopy | undefined> {
    try {
      return await this.#openOrUseAgain(access, (backend) => forAsking(backend, limits.awayAfterMs));
    } catch (error) {
      if (!isAway(error)) throw error;
      return await this.#openCopy(access);
    }
  }

  /** For a look. Fails as `openRepository` does, and with `location-unsupported`. */
  async toAsk(access: Access): Promise<Repository> {
    const { asked } = await this.#openOrUseAgain(access, (backend) =>
      forAsking(backend, limits.askMsMax.window),
    );
    return asked;
  }

  /** As `toAsk`; where the store is away, and the copy of it has the answer, that one is marked. */
  async browse<Result extends object>(
    access: Access,
    look: (repository: Repository) => Promise<Result>,
  ): Promise<Result & { readonly isCopy?: true }> {
    const known = this.#copyNow(access);
    if (known !== undefined) {
      const found = await look(known).catch(() => undefined);
      if (found !== undefined) return { ...found, isCopy: true };
    }
    try {
      return await look(await this.toAsk(access));
    } catch (error) {
      if (!isAway(error)) throw error;
      const copy = await this.#copyOf(access);
      const found = copy && (await look(copy).catch(() => undefined));
      if (found === undefined) throw error;
      return { ...found, isCopy: true };
    }
  }

  /** One for each location; whoever opens its store uses it. */
  line(location: string): StoreLine {
    let line = this.#lines.get(location);
    if (line === undefined) {
      line = new StoreLine();
      line.bytesPerSecondMax = this.#bandwidth;
      tellLine(location, line, this.#parts.world.clock, this.#parts.tell);
      this.#parts.networks?.listen(location, line);
      this.#lines.set(location, line);
    }
    return line;
  }

  tryNow(location: string): void {
    this.#copies.delete(location);
    this.#lines.get(location)?.tryNow();
  }

  /** Another network may reach what the one before did not. */
  tryAllNow(): void {
    for (const location of this.#lines.keys()) this.tryNow(location);
  }

  limit(bandwidth: Bandwidth): void {
    this.#bandwidth = bandwidth;
    for (const line of this.#lines.values()) line.bytesPerSecondMax = bandwidth;
  }

  async #openOrUseAgain(access: Access, view: (backend: Backend) => Backend): Promise<OpenVault> {
    const { location, password, store } = access;
    const { world, cacheFolder } = this.#parts;
    const known = this.#open.get(location);
    if (known?.access.reveal() === textOf(access)) {
      if (await isStillThere({ ...known.repository, backend: view(known.repository.backend) })) return known;
    }
    const backend = openBackend(location, world, store, this.line(location));
    try {
      const repository = await openCached(view(backend), new Secret(password), world, cacheFolder);
      const patient = withPatience(repository.backend, () => ({ kind: 'run' }));
      const opened = {
        repository: { ...repository, backend: patient },
        asked: { ...repository, backend: forAsking(patient, limits.askMsMax.window) },
        access: new Secret(textOf(access)),
      };
      this.#open.set(location, opened);
      return opened;
    } catch (error) {
      // Nobody has it: its connections must not stay.
      await backend.close().catch(() => undefined);
      throw error;
    }
  }

  /** While the store is taken to be away: not long, and not once it has answered somebody. */
  #copyNow(access: Access): Repository | undefined {
    const known = this.#copies.get(access.location);
    if (known?.access.reveal() !== textOf(access) || known.untilMs <= this.#nowMs()) return undefined;
    return this.line(access.location).facts.lastOutcomes.at(-1) === true ? undefined : known.repository;
  }

  async #copyOf(access: Access): Promise<Repository | undefined> {
    const { location } = access;
    const known = this.#copies.get(location);
    if (known?.access.reveal() === textOf(access)) {
      this.#copies.set(location, { ...known, untilMs: this.#nowMs() + limits.copyMsMax });
      return known.repository;
    }
    const copy = await this.#openCopy(access);
    if (copy === undefined) return undefined;
    const { repository } = copy;
    const untilMs = this.#nowMs() + limits.copyMsMax;
    this.#copies.set(location, { repository, access: new Secret(textOf(access)), untilMs });
    return repository;
  }

  async #openCopy(access: Access): Promise<OpenCopy | undefined> {
    const { world, cacheFolder } = this.#parts;
    const backend = openBackend(access.location, world, access.store);
    await backend.close();
    const repository = await openCopy(backend, new Secret(access.password), world, cacheFolder);
    return repository && { repository, location: backend.location };
  }

  #nowMs(): number {
    return this.#parts.world.clock.elapsedMs();
  }
}

function withPatience(backend: Backend, patience: () => Patience): Backend {
  return backend.withPatience?.(patience) ?? backend;
}

/** Another password or login is another access. */
function textOf({ password, store = {} }: Access): string {
  return JSON.stringify([password, Object.entries(store).sort()]);
}

async function isStillThere({ backend, keyId }: Repository): Promise<boolean> {
  try {
    return (await backend.stat({ type: 'key', name: keyId })) > 0 && (await backend.stat(configFile)) > 0;
  } catch (error) {
    if (isAway(error)) throw error;
    return false;
  }
}
