/** What the host needs of the engine's process, whoever made it: `fork-engine.ts` or `utility-engine.ts`. */
import type { Port } from '../../engine/protocol/link.ts';

export interface EngineProcess {
  readonly port: Port;
  /** At once, without a chance to clean up. One that is gone already is no error. */
  kill(): void;
  /** Told once, after the port's last message; also where the process could not be started at all. */
  onExit(listener: (code: number | null) => void): void;
}

/** The arguments for a new engine. `cacheFolder`: where it may keep copies of what stores have. */
export function engineArguments(cacheFolder: string | undefined): string[] {
  return cacheFolder === undefined ? [] : [`--cache=${cacheFolder}`];
}

/**
 * Where the engine's entry is, seen from a file of this folder: the sources and what is compiled of them lie side by
 * side in the same way, so it has the same ending as that file.
 */
export function engineEntry(fromUrl: string): URL {
  return new URL(`../../engine/worker/entry${fromUrl.endsWith('.ts') ? '.ts' : '.js'}`, fromUrl);
}
