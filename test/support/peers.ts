/**
 * The real peers as tests see them. A test that needs one that could not be had is skipped, and says so; in CI that is
 * a failure, because there it would hide that nothing was compared.
 */
import { describe } from 'vitest';
import { knownPeers } from '../peers/known-peers.ts';
import type { Peer, PeerName } from '../peers/wanted.ts';

/** The program's path; undefined (said on stderr) where it could not be had. Throws in CI instead. */
export function peer(name: PeerName): string | undefined {
  const path = pathOrThrow(name, knownPeers()[name], process.env);
  if (path === undefined) process.stderr.write(`skipped: these tests need ${name}, which is not there\n`);
  return path;
}

export function pathOrThrow(name: PeerName, found: Peer, environment: NodeJS.ProcessEnv): string | undefined {
  if ('path' in found) return found.path;
  if (environment.CI) throw new Error(`These tests need ${name}, and CI must have it: ${found.missing}`);
  return undefined;
}

/** `describe` for tests that need all of `names`. */
export function describeWithPeers(names: readonly PeerName[], title: string, tests: () => void): void {
  const missing = names.filter((name) => peer(name) === undefined);
  describe.skipIf(missing.length > 0)(title, tests);
}
